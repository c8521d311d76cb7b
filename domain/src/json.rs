//! JSON values from outside, in which a map is always a map.
//!
//! `serde_json::Value` reads a map whose key is `$serde_json::private::RawValue` as JSON inside of a string, at a new
//! limit of depth. With its feature `raw_value`, a few kilobytes overflow the stack.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value that was read this way.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

/// How deep the arrays and objects of a value nest; 0 for any other value.
pub fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Json(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some((name, Json(field))) = fields.next_entry()? {
            object.insert(name, field);
        }
        Ok(Json(Value::Object(object)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
            let object = prop::collection::hash_map(".*", inner, 0..4);
            prop_oneof![list, object.prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into())]
        })
    }

    proptest! {
        #[test]
        fn ordinary_json_is_read_as_serde_json_reads_it(value in any_value()) {
            let text = value.to_string();
            let (ours, theirs): (Json, Value) =
                (serde_json::from_str(&text).unwrap(), serde_json::from_str(&text).unwrap());
            prop_assert_eq!(ours.0, theirs);
        }
    }

    /// `levels` times JSON within a string within JSON, each level as deep as serde_json permits.
    pub(crate) fn nested(levels: usize) -> String {
        let mut text = "[]".to_owned();
        for _ in 0..levels {
            let object = json!({ "$serde_json::private::RawValue": text });
            text = format!("{}{object}{}", "[".repeat(110), "]".repeat(110));
        }
        text
    }

    #[test]
    fn the_private_key_of_serde_json_is_an_ordinary_key() {
        let text = r#"{"$serde_json::private::RawValue":"[1]"}"#;
        let Json(value) = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), text);
        let deep = nested(9);
        let Json(value) = serde_json::from_str(&deep).unwrap();
        assert_eq!(value.to_string(), deep);
    }
}
