//! The browser SDK: turns user actions into events, and numbers, queues, sends and counts them.
//!
//! - [`tracker`]: a session with its queue, its senders and its ledger; pure, `now` and ids arrive as arguments
//! - [`queue`], [`sender`], [`buffering`], [`client_ledger`]: the parts of a session
//! - [`storage`]: saved sessions, for the next tab
//! - [`tracker_event`]: the events that the tracker reports to its listener
//! - [`json`]: JSON text to values and back, with the browser’s parser where there is one
//! - `browser`: the clock, the network and `localStorage` of a browser
//! - `capture`: listeners that turn clicks, keys and inputs into events
//!
//! Without the feature `browser` only the pure part is built; `ese simulate` drives it natively.

#[cfg(feature = "browser")]
pub mod browser;
pub mod buffering;
#[cfg(feature = "browser")]
pub mod capture;
pub mod client_ledger;
pub mod json;
pub mod queue;
pub mod sender;
pub mod storage;
pub mod tracker;
pub mod tracker_event;

#[cfg(feature = "browser")]
pub use browser::Tracking;
pub use buffering::Pace;
pub use tracker::{Answer, Request, Tracker};
pub use tracker_event::{DeliveryStatus, RouteStatus, Status, TrackerEvent, Trouble};
