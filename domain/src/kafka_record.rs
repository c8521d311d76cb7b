//! Events in Kafka: `ce_*` headers (CloudEvents binary mode), and the value in the seed's format, or the data of an event of a
//! user's own type.

mod attributes;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use attributes::{Attributes, BadAttribute, each_attribute};

use crate::event::{Data, EventType, Invalid, MAX_KEY_BYTES, PRINTABLE, UnknownKind};
use crate::timestamp::millis;
use crate::{Event, Kind, Source, Timestamp};

/// The value of a record, as the seed's programs write and read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecordValue<'a> {
    /// The kind, as the seed's `sub_type`.
    #[serde(borrow)]
    pub sub_type: Cow<'a, str>,
    /// The client's address.
    #[serde(borrow)]
    #[schemars(length(max = MAX_KEY_BYTES), regex(pattern = PRINTABLE))]
    pub ip: Cow<'a, str>,
    /// When, by the client's clock.
    #[serde(with = "millis")]
    #[schemars(schema_with = "millis::schema")]
    pub client_timestamp: Timestamp,
    /// JSON, as a string.
    #[serde(borrow)]
    pub data: Cow<'a, str>,
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
    Headers(#[from] BadAttribute),
}

/// The value of an event's record: in the seed's format, or the data itself for a type that the seed does not have.
pub fn value(event: &Event) -> Cow<'_, [u8]> {
    let kind = match event.kind {
        EventType::Known(kind) => kind,
        EventType::Custom(_) => return event.data.json().as_bytes().into(),
    };
    let value = RecordValue {
        sub_type: kind.sub_type().into(),
        ip: event.partitionkey.as_str().into(),
        client_timestamp: event.time,
        data: event.data.json().into(),
    };
    // Texts and a number are always JSON.
    serde_json::to_vec(&value).unwrap_or_default().into()
}

/// An event from a record; a record without headers gets its id from its `place`, `topic/partition/offset`.
pub fn event_from_record(
    attributes: Attributes<'_>,
    value: &[u8],
    place: impl FnOnce() -> String,
) -> Result<Event, Poison> {
    let seeds = || serde_json::from_slice::<RecordValue<'_>>(value).map_err(Poison::Value);
    if !attributes.is_empty() {
        let event = attributes.event(Data::default())?;
        let data = match event.kind {
            // The seed's programs put text that is not JSON into `data` as well.
            EventType::Known(_) => Data::from_text(seeds()?.data),
            // Other producers' events may have no data at all.
            EventType::Custom(_) if value.is_empty() => Data::default(),
            EventType::Custom(_) => serde_json::from_slice(value).map_err(Poison::Value)?,
        };
        let event = Event { data, ..event };
        event.validate_from_anywhere()?;
        return Ok(event);
    }
    let (value, place) = (seeds()?, place());
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, place.as_bytes());
    let source = Source::Elsewhere(format!("/topics/{}", place.split('/').next().unwrap_or_default()));
    let kind = Kind::from_sub_type(&value.sub_type)?;
    let (partitionkey, data) = (value.ip.into_owned(), Data::from_text(value.data));
    let event = Event { partitionkey, data, ..Event::new(id, source, kind, value.client_timestamp) };
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

    /// The headers of an event's record.
    fn headers(event: &Event) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        each_attribute(event, |name, text| headers.push((name, text.to_owned())));
        headers
    }

    fn attributes<'a>(headers: &'a [(&'static str, String)]) -> Attributes<'a> {
        let mut attributes = Attributes::default();
        headers.iter().for_each(|(name, text)| attributes.set(name.trim_start_matches("ce_"), text));
        attributes
    }

    /// The value of a record with this `data`.
    fn value_with(data: &str) -> Vec<u8> {
        let event = event();
        let other = value(&event);
        let other: RecordValue<'_> = serde_json::from_slice(&other).unwrap();
        serde_json::to_vec(&RecordValue { data: data.into(), ..other }).unwrap()
    }

    /// The event of a record with another text in one of its headers.
    fn with(name: &str, text: &str) -> Result<Event, Poison> {
        let event = event();
        let (headers, value) = (headers(&event), value(&event));
        let mut attributes = attributes(&headers);
        attributes.set(name, text.to_owned());
        event_from_record(attributes, &value, String::new)
    }

    fn plain(value: &[u8], place: &str) -> Result<Event, Poison> {
        event_from_record(Attributes::default(), value, || place.to_owned())
    }

    #[test]
    fn a_record_gives_the_event_back() {
        let (event, headers) = (event(), headers(&event()));
        let place = || -> String { panic!("only a record without headers needs its place") };
        assert_eq!(event_from_record(attributes(&headers), &value(&event), place).unwrap(), event);
        let traced = Event { traceparent: Some(crate::event::traceparent(event.id)), ..event.clone() };
        let headers_of_traced = self::headers(&traced);
        assert_eq!(event_from_record(attributes(&headers_of_traced), &value(&traced), place).unwrap(), traced);
        let value = value(&event);
        let value: RecordValue<'_> = serde_json::from_slice(&value).unwrap();
        insta::assert_json_snapshot!((value, headers));
    }

    #[test]
    fn a_custom_events_value_is_its_data() {
        let custom = |data| Event { kind: "com.example.order-paid".parse().unwrap(), data, ..event() };
        for data in [serde_json::json!({"order": "A-1"}), serde_json::json!("text"), serde_json::json!(null)] {
            let event = custom(Data::from(data.clone()));
            assert_eq!(&*value(&event), data.to_string().as_bytes());
            let headers = headers(&event);
            assert_eq!(event_from_record(attributes(&headers), &value(&event), String::new).unwrap(), event);
        }
        let headers = headers(&custom(Data::default()));
        let read = |value: &[u8]| event_from_record(attributes(&headers), value, String::new);
        assert_eq!(read(b"").unwrap(), custom(Data::default()), "another producer's event without data");
        assert!(matches!(read(b"no JSON"), Err(Poison::Value(_))));
        let too_much = format!("\"{}\"", "x".repeat(crate::event::MAX_DATA_BYTES));
        assert!(matches!(read(too_much.as_bytes()), Err(Poison::Invalid(Invalid::TooMuchData(_)))));
    }

    #[test]
    fn data_is_json_or_else_a_text() {
        for (text, json) in [
            // `serde_json::Value` would read JSON out of this text.
            (r#"{"$serde_json::private::RawValue":"[1]"}"#, r#"{"$serde_json::private::RawValue":"[1]"}"#),
            ("{\"a\":\n1e3}", "{\"a\": 1e3}"),
            ("plain text", "\"plain text\""),
            ("\"\\ud800\"", "\"\\\"\\\\ud800\\\"\""),
        ] {
            assert_eq!(plain(&value_with(text), "order-events/0/8").unwrap().data.json(), json);
        }
    }

    #[test]
    fn a_plain_producers_record_becomes_an_event_outside_the_ledger() {
        let value = br#"{"sub_type":"KEY_PRESS_EVENT","ip":"10.0.0.7","client_timestamp":1769860800000,"data":"{\"key\":\"f\"}"}"#;
        let place = "click-events/1/42";
        let event = plain(value, place).unwrap();
        assert_eq!(
            (event.sequence, event.kind, event.partitionkey.as_str()),
            (None, Kind::KeyPress.into(), "10.0.0.7")
        );
        assert_eq!(event.time.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(event.source.to_string(), "/topics/click-events");
        assert_eq!(event.id, plain(value, place).unwrap().id, "the same place, the same id");
    }

    #[test]
    fn poison_has_its_reason() {
        let no_json = plain(b"\xff", "t/0/0").unwrap_err();
        assert!(no_json.to_string().starts_with("the value is not the JSON expected"));
        let value = br#"{"sub_type":"NAP","ip":"","client_timestamp":"2026-01-31T12:00:00Z","data":""}"#;
        let unknown = plain(value, "t/0/0").unwrap_err();
        assert!(unknown.to_string().contains("`NAP`"));
        assert!(matches!(with("source", &"x".repeat(201)), Err(Poison::Headers(_))));
        assert!(matches!(with("sequence", &u64::MAX.to_string()), Err(Poison::Invalid(_))));
        assert!(matches!(with("traceparent", &"0".repeat(101)), Err(Poison::Invalid(Invalid::BadTraceparent))));
    }

    #[test]
    fn bad_headers_are_named_and_unknown_ones_are_ignored() {
        assert_eq!(with("colour", "red").unwrap(), event());
        assert_eq!(with("data", "{}").unwrap(), event());
        for (name, text, reason) in [
            ("specversion", "0.3", "the attribute `specversion` cannot be read: only version 1.0 is known"),
            ("id", "7", "the attribute `id` cannot be read: invalid length"),
            ("source", "", "the attribute `source` cannot be read: `source` must have 1 to 200 bytes"),
            ("type", "nap", "the attribute `type` cannot be read: the event type `nap` is unknown"),
            ("time", "noon", "the attribute `time` cannot be read: `noon` is not an RFC 3339 time"),
            ("sequence", "+7", "the attribute `sequence` cannot be read: it is not a whole number"),
            ("receivedtime", "noon", "the attribute `receivedtime` cannot be read: `noon` is not an RFC 3339 time"),
        ] {
            let error = with(name, text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the ce_* headers are not those of an event: {reason}")), "{error}");
        }
        let event = event();
        let (headers, value) = (headers(&event), value(&event));
        let without_id = attributes(&headers[2..]);
        let error = event_from_record(without_id, &value, String::new).unwrap_err().to_string();
        assert!(error.ends_with("the attribute `id` is missing"), "{error}");
        let mut unknown_alone = Attributes::default();
        unknown_alone.set("colour", "red");
        assert!(event_from_record(unknown_alone, &value, String::new).is_err(), "it is not a plain producer's");
    }
}
