//! The terms and the rules of ESE, pure: no clock, no randomness, no I/O; `now` and ids arrive as arguments.
//!
//! - [`event`]: the events of a browser, as CloudEvents 1.0
//! - [`session`], [`route`], [`by_route`], [`timestamp`], [`intervals`]: the small types
//! - [`guarantee`]: how often an accepted event has its effects
//! - [`json`]: JSON values from outside
//! - [`ledger`]: exact counts per session and route
//! - [`rules`]: the use cases, which turn events into alerts
//! - [`mail_request`]: the mail requests of alerts
//! - [`kafka_record`]: events as records in Kafka; [`topics`]: the topics
//! - [`api`]: the types that cross HTTP and SSE
//! - `describe`: OpenAPI, AsyncAPI and JSON Schemas of these types, with the feature `schema`

pub mod api;
pub mod by_route;
#[cfg(feature = "schema")]
pub mod describe;
pub mod event;
pub mod guarantee;
pub mod intervals;
pub mod json;
pub mod kafka_record;
pub mod ledger;
pub mod mail_request;
pub mod route;
pub mod rules;
pub mod session;
mod text;
pub mod timestamp;
pub mod topics;

pub use by_route::ByRoute;
pub use event::{Event, EventType, Kind, Source};
pub use guarantee::Guarantee;
pub use intervals::Intervals;
pub use route::{Route, RouteChoice};
pub use session::SessionId;
pub use timestamp::Timestamp;
