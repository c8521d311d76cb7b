//! The words and the rules of ESE, pure: no clock, no randomness, no I/O; `now` and ids arrive as arguments.
//!
//! - [`event`]: what a browser emits, as CloudEvents 1.0
//! - [`session`], [`route`], [`by_route`], [`timestamp`], [`intervals`]: the small words everything else is made of
//! - [`ledger`]: exact books per session and route
//! - [`rules`]: the use cases that turn events into alerts
//! - [`mail`]: what an alert asks the mailer to send
//! - [`record`]: the shape of events and mails in Kafka
//! - [`api`]: all that crosses HTTP and SSE
//! - `describe`: OpenAPI, AsyncAPI and JSON Schemas of all that, with the feature `schema`

pub mod api;
pub mod by_route;
#[cfg(feature = "schema")]
pub mod describe;
pub mod event;
pub mod intervals;
pub mod ledger;
pub mod mail;
pub mod record;
pub mod route;
pub mod rules;
pub mod session;
pub mod timestamp;

pub use by_route::ByRoute;
pub use event::{Event, Kind, Source};
pub use intervals::Intervals;
pub use route::{Route, RouteChoice};
pub use session::SessionId;
pub use timestamp::Timestamp;
