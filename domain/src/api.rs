//! The types that cross HTTP and SSE; both ends are compiled from them.

mod disk;
pub mod faults;
mod feed;
mod guarantee;
mod inbox;
mod ingest;
pub mod kafka_rest;
mod ledger;
mod live;
mod problem;
mod sample;
pub mod seed;
pub mod simulation;
mod use_cases;

pub use disk::{DiskView, Kept};
pub use feed::{Delivered, Page, Stored};
pub use guarantee::{GuaranteeChoice, GuaranteeView};
pub use inbox::InboxMail;
pub use ingest::{EventResult, IngestReply, MAX_BATCH_EVENTS, MAX_BODY_BYTES, Outcome};
pub use ledger::{LedgerView, MAX_SESSIONS, MAX_WAITS, SessionReport, SessionView, Wait};
pub use live::{Hops, Lag, LiveMessage, MailView, Part, Position, Processed, RouteStats, Snapshot, Stats, Topology};
pub use problem::Problem;
pub use sample::{HopTimes, Partition, Quantiles, RouteSample, SAMPLES, Sample};
pub use use_cases::{LAG_BUCKET_SECONDS, LagPoint, LagStatistics, SettingView, Spread, UseCaseView};

/// CloudEvents' media type for one event as JSON.
pub const STRUCTURED: &str = "application/cloudevents+json";
/// CloudEvents' media type for a JSON array of events.
pub const BATCH: &str = "application/cloudevents-batch+json";
/// RFC 9457's media type.
pub const PROBLEM: &str = "application/problem+json";
