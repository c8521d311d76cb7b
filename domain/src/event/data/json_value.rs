//! Data as the page has it: a value, which the browser's own parser reads and writes.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::json::{Json, depth};

/// The data of an event.
#[derive(Clone, Debug, Default)]
pub struct Data {
    value: Value,
    json: OnceLock<String>,
}

impl Data {
    /// Its JSON, on one line.
    pub fn json(&self) -> &str {
        self.json.get_or_init(|| self.value.to_string())
    }

    /// How deep its arrays and objects nest; 0 for any other value.
    pub fn depth(&self) -> usize {
        depth(&self.value)
    }

    /// The value.
    pub fn value(&self) -> Value {
        self.value.clone()
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Data {}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self { value, json: OnceLock::new() }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Json::deserialize(from).map(|Json(value)| value.into())
    }
}
