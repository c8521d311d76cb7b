//! The HTTP contract of the original example ("the seed"), so that its programs run against this one unchanged.
//!
//! Times are milliseconds since the Unix epoch. These events have no sequence numbers, so the ledger does not count them.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event::{Data, MAX_KEY_BYTES, PRINTABLE, UnknownKind};
use crate::timestamp::millis;
use crate::topics::Topic;
use crate::{Event, EventType, Kind, Source, Timestamp};

/// CloudEvents' `source` of events that came by this contract.
const SOURCE: &str = "/event";

/// The seed's answer to a malformed body.
pub const BAD_SCHEMA: &str = "Bad data schema passed";

/// The body of `POST /event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeedEvent {
    /// The type of the event.
    pub event: SeedKind,
    /// When, by the client's clock.
    #[serde(with = "millis")]
    #[schemars(schema_with = "millis::schema")]
    pub timestamp: Timestamp,
    /// The address that the client believes it has; if there is none, the backend puts the one it sees.
    #[serde(default)]
    #[schemars(length(max = MAX_KEY_BYTES), regex(pattern = PRINTABLE))]
    pub ip: String,
    /// The data of this kind of event: an object, or nothing.
    #[serde(default, deserialize_with = "object_or_null")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub data: Data,
}

fn object_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Data, D::Error> {
    let data = Data::deserialize(from)?;
    let is_taken = data.json().starts_with('{') || data == Data::default();
    if is_taken { Ok(data) } else { Err(D::Error::custom("expected an object or null")) }
}

/// The body of `POST /events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeedEvents {
    /// The events.
    pub events: Vec<SeedEvent>,
}

/// An event in the seed's answers and lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeedLog {
    /// The type of the event.
    #[serde(flatten)]
    pub kind: SeedKind,
    /// The client's address.
    pub ip: String,
    /// When, by the client's clock.
    #[serde(with = "millis")]
    #[schemars(with = "i64")]
    pub client_ts: Timestamp,
    /// When the backend received it, by the backend's clock.
    #[serde(with = "millis")]
    #[schemars(with = "i64")]
    pub server_ts: Timestamp,
    /// The data of this kind of event.
    #[schemars(with = "Value")]
    pub data: Data,
}

/// One client of `GET /events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeedClient {
    /// The client's address.
    pub ip: String,
    /// Its events, oldest first.
    pub event_logs: Vec<SeedLog>,
}

/// Health, or the error of a request, in the seed's one form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SeedMessage {
    /// The message.
    pub message: String,
}

/// A kind of event under its two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Names", into = "Names")]
pub struct SeedKind(pub Kind);

/// The two names.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(extend("anyOf" = Topic::ALL.map(family)))]
struct Names {
    /// The family.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = Topic::ALL.map(Topic::event_type)))]
    event_type: String,
    /// The kind, one of the family.
    #[schemars(extend("enum" = Kind::ALL.map(Kind::sub_type)))]
    sub_type: String,
}

/// The names that belong together, as a schema.
fn family(topic: Topic) -> Value {
    let kinds: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.topic() == topic).map(Kind::sub_type).collect();
    serde_json::json!({"properties": {"type": {"const": topic.event_type()}, "sub_type": {"enum": kinds}}})
}

/// The two names are not those of one kind.
#[derive(Debug, thiserror::Error)]
enum BadNames {
    #[error(transparent)]
    Unknown(#[from] UnknownKind),
    #[error("`{}` is a kind of {}", .0.sub_type(), .0.topic().event_type())]
    OtherFamily(Kind),
}

impl TryFrom<Names> for SeedKind {
    type Error = BadNames;

    fn try_from(names: Names) -> Result<Self, BadNames> {
        let kind = Kind::from_sub_type(&names.sub_type)?;
        if kind.topic().event_type() == names.event_type { Ok(Self(kind)) } else { Err(BadNames::OtherFamily(kind)) }
    }
}

impl From<SeedKind> for Names {
    fn from(SeedKind(kind): SeedKind) -> Self {
        Self { event_type: kind.topic().event_type().to_owned(), sub_type: kind.sub_type().to_owned() }
    }
}

impl SeedEvent {
    /// The event under a new `id`, received at `received` from a client that the backend sees at `seen_at`.
    ///
    /// As the seed's rules do, ours group by the address in the body, over HTTP and over Kafka.
    pub fn into_event(self, id: Uuid, seen_at: &str, received: Timestamp) -> Event {
        Event {
            partitionkey: if self.ip.is_empty() { seen_at.to_owned() } else { self.ip },
            receivedtime: Some(received),
            data: self.data,
            ..Event::new(id, Source::Elsewhere(SOURCE.to_owned()), self.event.0, self.timestamp)
        }
    }
}

impl SeedLog {
    /// The event in the seed's form; the seed has no name for a type of the user's own.
    pub fn of(event: Event) -> Option<Self> {
        let EventType::Known(kind) = event.kind else { return None };
        Some(Self {
            kind: SeedKind(kind),
            ip: event.partitionkey,
            client_ts: event.time,
            server_ts: event.receivedtime.unwrap_or(event.time),
            data: event.data,
        })
    }
}

/// The events of known types by client, the clients in the order of their first events.
pub fn by_client(events: impl IntoIterator<Item = Event>) -> Vec<SeedClient> {
    let mut places = std::collections::HashMap::new();
    let mut clients: Vec<SeedClient> = Vec::new();
    for log in events.into_iter().filter_map(SeedLog::of) {
        let place = *places.entry(log.ip.clone()).or_insert(clients.len());
        if place == clients.len() {
            clients.push(SeedClient { ip: log.ip.clone(), event_logs: Vec::new() });
        }
        clients[place].event_logs.push(log);
    }
    clients
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body() -> Value {
        json!({
            "event": {"type": "ORDER_STATE_UPDATE_EVENT", "sub_type": "ORDER_CREATED"},
            "timestamp": 1_769_860_800_000_i64, "ip": "10.0.0.7-3", "data": {"orderId": "A-1"}
        })
    }

    #[test]
    fn data_is_an_object_or_nothing() {
        for (data, taken) in [(json!({"a": [1]}), true), (json!(null), true), (json!([]), false), (json!("{}"), false)]
        {
            let mut body = body();
            body["data"] = data;
            assert_eq!(serde_json::from_value::<SeedEvent>(body).is_ok(), taken);
        }
    }

    #[test]
    fn names_that_do_not_belong_together_are_refused() {
        for (event_type, sub_type, reason) in [
            ("CLICK_STREAM_EVENT", "ORDER_CREATED", "`ORDER_CREATED` is a kind of ORDER_STATE_UPDATE_EVENT"),
            ("CLICK_STREAM_EVENT", "NAP", "the event type `NAP` is unknown"),
            ("NAP", "KEY_PRESS_EVENT", "`KEY_PRESS_EVENT` is a kind of CLICK_STREAM_EVENT"),
        ] {
            let mut body = body();
            body["event"] = json!({"type": event_type, "sub_type": sub_type});
            let error = serde_json::from_value::<SeedEvent>(body).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{error}");
        }
    }
}
