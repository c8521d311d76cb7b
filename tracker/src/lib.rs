//! The browser SDK: turns user actions into events, and numbers, queues, sends and counts them.
//!
//! - [`tracker`]: a session with its queue, its senders and its ledger; pure, `now` and ids arrive as arguments
//! - [`queue`], [`sender`], [`buffering`], [`client_ledger`]: the parts of a session
//! - [`storage`]: what is kept of sessions for the next tab
//! - [`clock_offset`]: the offset of the server's clock, with its error
//! - [`privacy`]: the fields that are never looked at
//! - [`tracker_event`]: the events that the tracker reports to its listener
//! - [`json`]: JSON text to values and back, with the browser’s parser where there is one
//! - `browser`: the clock, the network and IndexedDB of a browser
//! - `capture`: listeners that turn clicks, keys, inputs and navigations into events
//! - `script`: `ese.js`, the tracker for any page
//!
//! Without the feature `browser` only the pure part is built; `ese simulate` drives it natively.

#[cfg(feature = "browser")]
pub mod browser;
pub mod buffering;
#[cfg(feature = "browser")]
pub mod capture;
pub mod client_ledger;
pub mod clock_offset;
pub mod json;
pub mod privacy;
pub mod queue;
#[cfg(feature = "script")]
pub mod script;
pub mod sender;
pub mod storage;
pub mod tracker;
pub mod tracker_event;

#[cfg(feature = "browser")]
pub use browser::{Config, Tracking};
pub use buffering::Pace;
pub use queue::Limit;
pub use tracker::{Answer, Prepared, Request, Tracker};
pub use tracker_event::{DeliveryStatus, RouteStatus, Status, TrackerEvent, Trouble};
