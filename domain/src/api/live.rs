//! `GET /api/live` (SSE): a snapshot first, then changes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Partition, Sample};
use crate::ledger::{Balance, Seen};
use crate::mail_request::MailStatus;
use crate::rules::Alert;
use crate::{ByRoute, Event, EventType, Route, SessionId, Timestamp};

/// One SSE message; the variant's name is the SSE event's name, the content its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "event", content = "data", rename_all = "kebab-case")]
#[schemars(transform = as_sent)]
pub enum LiveMessage {
    /// All data that a page needs at its start; always first.
    Snapshot(Box<Snapshot>),
    /// Numbers for all routes, at most ten a second.
    Stats(Stats),
    /// Events just processed (a sample when there are many).
    Events(Vec<Processed>),
    /// A use case found something.
    Alert(Alert),
    /// A mail changed its state.
    Mail(MailView),
    /// A part became available or unavailable.
    Topology(Topology),
    /// Rates, lag and latency of the last second.
    #[serde(rename = "pulse")]
    Sample(Sample),
    /// The partitions of Kafka, once a second where there is a broker.
    Partitions(Vec<Partition>),
    /// The reader was too slow and missed messages; a snapshot follows.
    Resync,
}

/// In the schema of an SSE event, `data` is a text with JSON in it.
fn as_sent(schema: &mut schemars::Schema) {
    let messages = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut);
    for data in messages.into_iter().flatten().map(|message| &mut message["properties"]["data"]) {
        *data =
            serde_json::json!({"type": "string", "contentMediaType": "application/json", "contentSchema": data.take()});
    }
}

impl LiveMessage {
    /// The SSE event's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Snapshot(_) => "snapshot",
            Self::Stats(_) => "stats",
            Self::Events(_) => "events",
            Self::Alert(_) => "alert",
            Self::Mail(_) => "mail",
            Self::Topology(_) => "topology",
            Self::Sample(_) => "pulse",
            Self::Partitions(_) => "partitions",
            Self::Resync => "resync",
        }
    }
}

/// The data that a page needs at its start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Snapshot {
    /// The numbers.
    pub stats: Stats,
    /// The latest events processed, oldest first.
    pub events: Vec<Processed>,
    /// The latest alerts, oldest first.
    pub alerts: Vec<Alert>,
    /// The latest mails, oldest first.
    pub mails: Vec<MailView>,
    /// The parts.
    pub topology: Topology,
    /// The last five minutes, oldest first.
    pub pulses: Vec<Sample>,
    /// The partitions of Kafka.
    pub partitions: Vec<Partition>,
}

/// The most data of an event on the live stream, in bytes.
const MAX_SHOWN_BYTES: usize = 1024;

/// An event as the consumer processed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Processed {
    /// The event's id.
    pub id: Uuid,
    /// The session that numbered it, if one did.
    pub session: Option<SessionId>,
    /// Its number there.
    pub sequence: Option<u64>,
    /// The route.
    pub route: Route,
    /// The type of the event.
    pub kind: EventType,
    /// The data of an event of a user's own type: its JSON as a text, up to 1,024 bytes; none for more, and none for the known
    /// types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The client's IP as the backend saw it.
    pub key: String,
    /// New, reordered, duplicate or refused.
    pub seen: Seen,
    /// The time of each hop.
    pub hops: Hops,
    /// Its position on the route, if the route has positions.
    pub position: Option<Position>,
    /// The alert it completed, if any.
    pub alert: Option<Uuid>,
}

/// When an event passed each hop, each by the clock of the machine it passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Hops {
    /// It happened (client).
    pub emitted: Timestamp,
    /// The backend took it in.
    pub received: Option<Timestamp>,
    /// The consumer's source had it.
    pub arrived: Timestamp,
    /// The consumer's transaction committed.
    pub processed: Timestamp,
}

/// A position on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// In http-poll's store.
    Store(i64),
    /// In Kafka.
    Record {
        /// Partition of the event's topic.
        partition: i32,
        /// Offset in the partition.
        offset: i64,
    },
}

impl Processed {
    /// The event after its transaction.
    pub fn new(event: &Event, route: Route, seen: Seen, arrived: Timestamp, processed: Timestamp) -> Self {
        Self {
            id: event.id,
            session: event.source.session(),
            sequence: event.sequence,
            route,
            kind: event.kind.clone(),
            data: shown_data(event),
            key: event.partitionkey.clone(),
            seen,
            hops: Hops { emitted: event.time, received: event.receivedtime, arrived, processed },
            position: None,
            alert: None,
        }
    }
}

fn shown_data(event: &Event) -> Option<String> {
    let json = event.data.json();
    // A text: a reader of `serde_json::Value` would take some keys in it for serde_json's own.
    (matches!(event.kind, EventType::Custom(_)) && json.len() <= MAX_SHOWN_BYTES).then(|| json.to_owned())
}

/// The numbers of all routes at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Stats {
    /// When, by the consumer's clock.
    pub at: Timestamp,
    /// For each route.
    pub routes: ByRoute<RouteStats>,
}

/// The numbers of one route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RouteStats {
    /// The identity over all sessions.
    pub balance: Balance,
    /// Events processed that no session numbered.
    pub unnumbered: u64,
    /// How far the consumer is behind, if that is known.
    pub lag: Option<Lag>,
}

/// How far a consumer is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Lag {
    /// Events waiting on the route.
    pub events: u64,
    /// Seconds since the route was last seen empty; 0 while it is.
    pub seconds: f64,
}

/// A mail as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MailView {
    /// The state of its request.
    pub status: MailStatus,
}

/// The parts and whether they are up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Topology {
    /// The parts that the consumer connects to.
    pub parts: Vec<Part>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Part {
    /// backend, broker, mailer, postgres.
    pub name: String,
    /// Whether it answered last time.
    pub up: bool,
    /// The error, if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}
