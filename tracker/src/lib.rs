//! The browser SDK: what happens on a page becomes events that are numbered, queued, sent, and accounted for.
//!
//! - [`tracker`]: a session with its queue, its senders and its books; pure, `now` and ids arrive as arguments
//! - [`queue`], [`sender`], [`pace`], [`client_ledger`]: what it is made of
//! - [`storage`]: how a session outlives its tab
//! - [`event`]: what an observer gets
//! - [`json`]: text to values and back, by the browser where there is one
//! - `browser`: the thin part that knows a clock, a network and `localStorage`
//! - `capture`: listeners that turn clicks, keys and inputs into events
//!
//! Without the feature `browser` the pure part is left, which `ese simulate` drives natively.

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod capture;
pub mod client_ledger;
pub mod event;
pub mod json;
pub mod pace;
pub mod queue;
pub mod sender;
pub mod storage;
pub mod tracker;

#[cfg(feature = "browser")]
pub use browser::Tracking;
pub use event::{DeliveryStatus, RouteStatus, Status, TrackerEvent, Trouble};
pub use pace::Pace;
pub use tracker::{Answer, Request, Tracker};
