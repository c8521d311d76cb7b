//! Events and mails in Kafka: topics, `ce_*` headers (CloudEvents binary mode), and the value in the seed's format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::event::{Invalid, UnknownKind};
use crate::json::Json;
use crate::timestamp::millis;
use crate::{Event, Kind, Source, Timestamp};

/// Partitions of each event topic.
pub const PARTITIONS: i32 = 3;
/// The topic of mail requests.
pub const MAIL_TOPIC: &str = "mail-requests";
/// The suffix of a dead-letter topic.
pub const DEAD_LETTER_SUFFIX: &str = ".dlq";

/// The value of a record, as the seed's programs write and read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecordValue {
    /// The kind, as the seed's `sub_type`.
    pub sub_type: String,
    /// The client's address.
    pub ip: String,
    /// When, by the client's clock.
    #[serde(with = "millis")]
    #[schemars(schema_with = "millis::schema")]
    pub client_timestamp: Timestamp,
    /// JSON, as a string.
    pub data: String,
}

/// Why a record cannot be turned into an event.
#[derive(Debug, thiserror::Error)]
pub enum Poison {
    /// The value is not the expected JSON.
    #[error("the value is not the JSON expected: {0}")]
    Value(#[source] serde_json::Error),
    /// The seed's `sub_type` is unknown.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The event is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The `ce_*` headers do not make an event.
    #[error("the ce_* headers are not those of an event: {0}")]
    Headers(#[source] serde_json::Error),
}

impl RecordValue {
    /// The value for an event.
    pub fn of(event: &Event) -> Self {
        Self {
            sub_type: event.kind.sub_type().to_owned(),
            ip: event.partitionkey.clone(),
            client_timestamp: event.time,
            data: event.data.to_string(),
        }
    }
}

/// The `ce_*` headers of an event, without the prefix.
pub fn attributes(event: &Event) -> Vec<(&'static str, String)> {
    let mut attributes = vec![
        ("specversion", "1.0".to_owned()),
        ("id", event.id.to_string()),
        ("source", event.source.to_string()),
        ("type", event.kind.name().to_owned()),
        ("time", event.time.to_string()),
    ];
    if let Some(sequence) = event.sequence {
        attributes.push(("sequence", sequence.to_string()));
    }
    if !event.partitionkey.is_empty() {
        attributes.push(("partitionkey", event.partitionkey.clone()));
    }
    if let Some(traceparent) = &event.traceparent {
        attributes.push(("traceparent", traceparent.clone()));
    }
    if let Some(received) = event.receivedtime {
        attributes.push(("receivedtime", received.to_string()));
    }
    attributes
}

/// An event from its attributes and data, as in CloudEvents' binary mode.
pub fn event_from_attributes(
    attributes: BTreeMap<String, String>,
    Json(data): Json,
) -> Result<Event, serde_json::Error> {
    let mut object: serde_json::Map<String, Value> =
        attributes.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    object.insert("data".to_owned(), data);
    serde_json::from_value(Value::Object(object))
}

/// An event from a record; a record without headers gets its id from its `place`, `topic/partition/offset`.
pub fn event_from_record(attributes: BTreeMap<String, String>, value: &[u8], place: &str) -> Result<Event, Poison> {
    let value: RecordValue = serde_json::from_slice(value).map_err(Poison::Value)?;
    // The seed's programs put text that is not JSON into `data` as well.
    let data = serde_json::from_str(&value.data).unwrap_or(Json(Value::String(value.data)));
    if !attributes.is_empty() {
        let event = event_from_attributes(attributes, data).map_err(Poison::Headers)?;
        event.validate_from_anywhere()?;
        return Ok(event);
    }
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, place.as_bytes());
    let source = Source::Elsewhere(format!("/topics/{}", place.split('/').next().unwrap_or_default()));
    let kind = Kind::from_sub_type(&value.sub_type)?;
    let event = Event { partitionkey: value.ip, data: data.0, ..Event::new(id, source, kind, value.client_timestamp) };
    event.validate_content()?;
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        serde_json::from_value(serde_json::json!({
            "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type": "ese.order.created", "time": "2026-01-31T12:00:00.5Z", "sequence": "3", "partitionkey": "127.0.0.1",
            "receivedtime": "2026-01-31T12:00:00.6Z", "data": {"order": "A-1"}
        }))
        .unwrap()
    }

    #[test]
    fn a_record_gives_the_event_back() {
        let event = event();
        let headers = attributes(&event).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let value = serde_json::to_vec(&RecordValue::of(&event)).unwrap();
        assert_eq!(event_from_record(headers, &value, "order-events/0/7").unwrap(), event);
        // `serde_json::Value` would read JSON out of this text.
        let data = r#"{"$serde_json::private::RawValue":"[1]"}"#;
        let value = RecordValue { data: data.to_owned(), ..RecordValue::of(&event) };
        let plain = event_from_record(BTreeMap::new(), &serde_json::to_vec(&value).unwrap(), "order-events/0/8");
        assert_eq!(plain.unwrap().data.to_string(), data);
        insta::assert_json_snapshot!((RecordValue::of(&event), attributes(&event)));
    }

    #[test]
    fn a_plain_producers_record_becomes_an_event_outside_the_ledger() {
        let value = br#"{"sub_type":"KEY_PRESS_EVENT","ip":"10.0.0.7","client_timestamp":1769860800000,"data":"{\"key\":\"f\"}"}"#;
        let place = "click-events/1/42";
        let event = event_from_record(BTreeMap::new(), value, place).unwrap();
        assert_eq!((event.sequence, event.kind, event.partitionkey.as_str()), (None, Kind::KeyPress, "10.0.0.7"));
        assert_eq!(event.time.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(
            event.id,
            event_from_record(BTreeMap::new(), value, place).unwrap().id,
            "the same place, the same id"
        );
    }

    #[test]
    fn poison_has_its_reason() {
        let no_json = event_from_record(BTreeMap::new(), b"\xff", "t/0/0").unwrap_err();
        assert!(no_json.to_string().starts_with("the value is not the JSON expected"));
        let value = br#"{"sub_type":"NAP","ip":"","client_timestamp":"2026-01-31T12:00:00Z","data":""}"#;
        let unknown = event_from_record(BTreeMap::new(), value, "t/0/0").unwrap_err();
        assert!(unknown.to_string().contains("`NAP`"));
        let mut headers: BTreeMap<_, _> =
            attributes(&event()).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let value = serde_json::to_vec(&RecordValue::of(&event())).unwrap();
        let mut with = |name: &str, text: String| {
            let right = headers.insert(name.to_owned(), text);
            let poison = event_from_record(headers.clone(), &value, "t/0/0").unwrap_err();
            headers.extend(right.map(|right| (name.to_owned(), right)));
            poison
        };
        assert!(matches!(with("source", "x".repeat(201)), Poison::Headers(_)));
        assert!(matches!(with("sequence", u64::MAX.to_string()), Poison::Invalid(_)));
        assert!(matches!(with("traceparent", "0".repeat(101)), Poison::Invalid(Invalid::BadTraceparent)));
    }
}
