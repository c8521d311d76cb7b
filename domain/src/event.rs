//! An event of a browser: a CloudEvents 1.0 event with a session's sequence number.

mod custom_type;
mod data;
mod event_type;
mod kind;
mod limits;
mod source;
mod type_pattern;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

pub use custom_type::{BadCustomType, CustomType};
pub use data::Data;
pub use event_type::{EventType, UnknownType};
pub use kind::{Kind, UnknownKind};
pub use limits::{
    MAX_DATA_BYTES, MAX_DATA_DEPTH, MAX_EVENT_BYTES, MAX_KEY_BYTES, MAX_TRACEPARENT_BYTES, MAX_TYPE_BYTES,
};
pub use source::{BadSource, Source};
pub use type_pattern::{BadPattern, NotAdmitted, TypePattern, admit};

use crate::Timestamp;
use crate::intervals::MAX_SEQUENCE;

/// One thing that happened, in CloudEvents' JSON format: fewer than 18,432 bytes, if it is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// CloudEvents' version; always 1.0.
    #[serde(default)]
    pub specversion: SpecVersion,
    /// Unique (UUIDv7 from our own clients).
    pub id: Uuid,
    /// The session that emitted it, or another origin.
    pub source: Source,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When it happened, by the emitter's clock.
    pub time: Timestamp,
    /// Its number within the session, from 1; CloudEvents' `sequence` extension, a string on the wire.
    #[serde(default, with = "sequence", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "sequence::schema")]
    pub sequence: Option<u64>,
    /// The client's IP as the backend saw it: the key for Kafka's partitions and for the rules.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = MAX_KEY_BYTES), regex(pattern = PRINTABLE))]
    pub partitionkey: String,
    /// W3C trace context of the emitter: at most 100 printable ASCII characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[!-~]{0,100}$"))]
    pub traceparent: Option<String>,
    /// When the backend received it, by the backend's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivedtime: Option<Timestamp>,
    /// The data of this kind of event.
    #[serde(default)]
    #[schemars(with = "Value")]
    pub data: Data,
}

/// Why an event in well-formed JSON is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Over HTTP only numbered events are accepted; the ledger could not count others.
    #[error("`source` must be /sessions/<uuid> and `sequence` a number from 1, or the event cannot be counted")]
    NotNumbered,
    /// Too much data.
    #[error("`data` is {0} bytes of JSON; at most {MAX_DATA_BYTES} are taken")]
    TooMuchData(usize),
    /// Too many levels.
    #[error("`data` nests deeper than {MAX_DATA_DEPTH} levels")]
    TooDeep,
    /// The key is too long or unprintable.
    #[error("the key must have at most {MAX_KEY_BYTES} bytes and no control characters")]
    BadKey,
    /// The trace context goes with the event, so it must be short.
    #[error("`traceparent` must have at most {MAX_TRACEPARENT_BYTES} characters, all of them printable ASCII")]
    BadTraceparent,
}

/// The trace context (W3C, version 00, sampled) of a trace that begins with this event: both ids are made from the event's id.
pub fn traceparent(id: Uuid) -> String {
    let hex = id.simple().to_string();
    format!("00-{hex}-{}-01", &hex[16..])
}

/// A text without control characters, as a pattern.
pub(crate) const PRINTABLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

impl Event {
    /// An event without number, key, trace, receipt and data.
    pub fn new(id: Uuid, source: Source, kind: impl Into<EventType>, time: Timestamp) -> Self {
        Self {
            specversion: SpecVersion::V1,
            id,
            source,
            kind: kind.into(),
            time,
            sequence: None,
            partitionkey: String::new(),
            traceparent: None,
            receivedtime: None,
            data: Data::default(),
        }
    }

    /// Checks a session's event: its number, and its content.
    pub fn validate(&self) -> Result<(), Invalid> {
        match (&self.source, self.sequence) {
            (Source::Session(_), Some(1..=MAX_SEQUENCE)) => self.validate_content(),
            _ => Err(Invalid::NotNumbered),
        }
    }

    /// Checks an event from another service or producer: only a session's event must be numbered.
    pub fn validate_from_anywhere(&self) -> Result<(), Invalid> {
        match self.source.session() {
            Some(_) => self.validate(),
            None => self.validate_content(),
        }
    }

    /// Checks the content, without the number.
    pub fn validate_content(&self) -> Result<(), Invalid> {
        if self.partitionkey.len() > MAX_KEY_BYTES || self.partitionkey.contains(char::is_control) {
            return Err(Invalid::BadKey);
        }
        let is_short =
            |text: &str| text.len() <= MAX_TRACEPARENT_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !self.traceparent.as_deref().is_none_or(is_short) {
            return Err(Invalid::BadTraceparent);
        }
        if self.data.depth() > MAX_DATA_DEPTH {
            return Err(Invalid::TooDeep);
        }
        let size = self.data.json().len();
        if size > MAX_DATA_BYTES { Err(Invalid::TooMuchData(size)) } else { Ok(()) }
    }
}

/// The number in a text of digits; Rust's own parser takes a plus sign as well.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The only CloudEvents version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum SpecVersion {
    /// CloudEvents 1.0
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

mod sequence {
    //! The `sequence` extension is a string by its specification; numbers are accepted as well.
    use std::fmt;

    use serde::de::{Error, Visitor};

    use super::*;

    pub(super) fn serialize<S: Serializer>(sequence: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&sequence.unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
        from.deserialize_any(Number).map(Some).map_err(|_| D::Error::custom(BAD))
    }

    /// The schema of [`deserialize`]'s input.
    pub(super) fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [
            {"type": "string", "pattern": "^[0-9]{1,19}$"},
            {"type": "integer", "format": "uint64", "minimum": 0}
        ]})
    }

    const BAD: &str = "`sequence` is not a whole number written as a string, such as \"17\"";

    struct Number;

    impl Visitor<'_> for Number {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
            number(text).ok_or_else(|| E::custom(BAD))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
            Ok(number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
            u64::try_from(number).map_err(|_| E::custom(BAD))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Value {
        json!({
            "specversion": "1.0", "id": "0192f0c1-2345-7abc-8def-0123456789ab",
            "source": "/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type": "ese.click-stream.key-press", "time": "2026-01-31T12:00:00Z",
            "sequence": "17", "data": {"key": "f"}
        })
    }

    #[test]
    fn the_wire_shape_stays() {
        let event: Event = serde_json::from_value(sample()).unwrap();
        event.validate().unwrap();
        let json = r#"{"specversion":"1.0","id":"0192f0c1-2345-7abc-8def-0123456789ab","source":"/sessions/0192f0c1-0000-7000-8000-000000000001","type":"ese.click-stream.key-press","time":"2026-01-31T12:00:00Z","sequence":"17","data":{"key":"f"}}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
    }

    #[test]
    fn a_trace_begins_with_the_event() {
        let event: Event = serde_json::from_value(sample()).unwrap();
        assert_eq!(traceparent(event.id), "00-0192f0c123457abc8def0123456789ab-8def0123456789ab-01");
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let reasons: Vec<String> = [
            ("type", json!("ese.unheard-of")),
            ("type", json!("com.exämple.paid")),
            ("sequence", json!("first")),
            ("time", json!("noon")),
            ("source", json!("/elsewhere")),
            ("specversion", json!("0.3")),
            ("data", json!("x".repeat(MAX_DATA_BYTES))),
            ("data", (0..=MAX_DATA_DEPTH).fold(json!(1), |inner, _| json!([inner]))),
            ("time", json!("0000-01-01T00:00:00+23:59")),
            ("id", json!("x".repeat(1000))),
            ("type", json!("x".repeat(1000))),
            ("time", json!("2".repeat(1000))),
            ("sequence", json!("0".repeat(1000))),
            ("sequence", json!((MAX_SEQUENCE + 1).to_string())),
            ("source", json!("x".repeat(201))),
            ("source", json!("/sessions/".repeat(1000))),
            ("source", json!("line\nbreak")),
            ("partitionkey", json!("x".repeat(MAX_KEY_BYTES + 1))),
            ("partitionkey", json!("line\nbreak")),
            ("traceparent", json!("0".repeat(MAX_TRACEPARENT_BYTES + 1))),
            ("traceparent", json!("00-ä")),
            ("receivedtime", json!("2".repeat(1000))),
        ]
        .into_iter()
        .map(|(attribute, value)| {
            let mut event = sample();
            event[attribute] = value;
            match serde_json::from_value::<Event>(event) {
                Err(error) => error.to_string(),
                Ok(event) => event.validate().unwrap_err().to_string(),
            }
        })
        .collect();
        insta::assert_json_snapshot!(reasons);
    }

    #[test]
    fn a_valid_event_at_all_limits_stays_below_the_bound() {
        let longest = |text: &str, bytes: usize| text.repeat(bytes / text.len());
        let event = Event {
            specversion: SpecVersion::V1,
            id: Uuid::nil(),
            source: longest("\"", 200).parse().unwrap(),
            kind: format!("com.{}", "x".repeat(MAX_TYPE_BYTES - 4)).parse().unwrap(),
            time: "9999-12-31T23:59:59.999999Z".parse().unwrap(),
            sequence: Some(u64::MAX),
            partitionkey: longest("\\", MAX_KEY_BYTES),
            traceparent: Some(longest("\"", MAX_TRACEPARENT_BYTES)),
            receivedtime: Some("9999-12-31T23:59:59.999999Z".parse().unwrap()),
            data: json!(longest("\u{1}", (MAX_DATA_BYTES - 2) / 6)).into(),
        };
        event.validate_from_anywhere().unwrap();
        let bytes = serde_json::to_string(&event).unwrap().len();
        assert!((MAX_DATA_BYTES + 1024..MAX_EVENT_BYTES).contains(&bytes), "{bytes}");
        let data = json!(longest("\u{1}", MAX_DATA_BYTES)).into();
        assert!(matches!(Event { data, ..event }.validate_from_anywhere(), Err(Invalid::TooMuchData(_))));
    }
}
