//! CloudEvents' `type`: a known kind, or a type of the user's own.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::custom_type::{CustomType, PATTERN};
use super::kind::Kind;
use super::limits::MAX_TYPE_BYTES;

/// The type of an event. It is read by its form alone; [`admit`](super::admit) decides at the door.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// One of the closed list.
    Known(Kind),
    /// One of the user's own.
    Custom(CustomType),
}

/// The text is neither a known kind nor a name in reverse-DNS form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the event type `{0}` is unknown; known are: {list}; one of your own has a name such as com.example.order-paid",
    list = Kind::ALL.map(Kind::name).join(", ")
)]
pub struct UnknownType(String);

impl EventType {
    /// The name on every wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Custom(custom) => custom.name(),
        }
    }
}

impl From<Kind> for EventType {
    fn from(kind: Kind) -> Self {
        Self::Known(kind)
    }
}

impl PartialEq<Kind> for EventType {
    fn eq(&self, other: &Kind) -> bool {
        matches!(self, Self::Known(kind) if kind == other)
    }
}

impl FromStr for EventType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let known = text.parse().map(Self::Known);
        known.or_else(|_| text.parse().map(Self::Custom)).map_err(|_| UnknownType(text.chars().take(60).collect()))
    }
}

impl JsonSchema for EventType {
    fn schema_name() -> Cow<'static, str> {
        "EventType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The type of an event.",
            "type": "string",
            "anyOf": [
                {"enum": Kind::ALL.map(Kind::name)},
                {
                    "description": "A type of one's own; the backend takes those that --event-types admits.",
                    "pattern": PATTERN, "maxLength": MAX_TYPE_BYTES, "not": {"pattern": r"^[Ee][Ss][Ee]\."}
                }
            ]
        })
    }
}

crate::text::display_by_name!(EventType);
crate::text::convert_as_text!(EventType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_or_custom_and_stays_as_it_was_written() {
        for name in ["ese.order.created", "com.example.order-paid"] {
            let parsed: EventType = serde_json::from_value(serde_json::json!(name)).unwrap();
            assert_eq!((parsed.name(), serde_json::json!(parsed)), (name, serde_json::json!(name)));
            assert_eq!(parsed == Kind::OrderCreated, name == "ese.order.created");
        }
        for bad in ["ese.order.paid", "nap", "com.example.*"] {
            let error = bad.parse::<EventType>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("the event type `{bad}` is unknown; known are: ese.")), "{error}");
        }
    }

    #[test]
    fn the_schema_has_all_known_types_and_the_bound_of_others() {
        let schema = EventType::json_schema(&mut SchemaGenerator::default()).to_value();
        let custom = &schema["anyOf"][1];
        assert_eq!(schema["anyOf"][0]["enum"].as_array().unwrap().len(), Kind::ALL.len());
        assert_eq!(custom["maxLength"], 128);
    }
}
