//! The browser SDK: what happens on a page becomes events that are numbered, queued, sent, and accounted for.
//!
//! - [`tracker`]: a session with its queue, its lanes and its books; pure, `now` and ids arrive as arguments
//! - [`queue`], [`lane`], [`pace`], [`books`]: what it is made of
//! - [`shelf`]: how a session outlives its tab
//! - [`fate`]: what an observer hears
//! - [`json`]: text to values and back, by the browser where there is one
//! - `browser`: the thin part that knows a clock, a network and `localStorage`
//! - `capture`: listeners that turn clicks, keys and inputs into events
//!
//! Without the feature `browser` the pure part is left, which `ese simulate` drives natively.

pub mod books;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod capture;
pub mod fate;
pub mod json;
pub mod lane;
pub mod pace;
pub mod queue;
pub mod shelf;
pub mod tracker;

#[cfg(feature = "browser")]
pub use browser::Tracking;
pub use fate::{Fate, News, RouteStatus, Status, Trouble};
pub use pace::Pace;
pub use tracker::{Answer, Request, Tracker};
