//! Data as every service has it: the text of its JSON.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::json::{Json, depth};

/// The data of an event: JSON on one line. A clone shares the text.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// Nothing stands for `null`.
    json: Option<Arc<RawValue>>,
    depth: u8,
}

impl Data {
    /// The text.
    pub fn json(&self) -> &str {
        self.raw().get()
    }

    /// How deep its arrays and objects nest; 0 for any other value.
    pub fn depth(&self) -> usize {
        self.depth.into()
    }

    /// The value, read from the text.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.json()).map_or(Value::Null, |Json(value)| value)
    }

    fn raw(&self) -> &RawValue {
        self.json.as_deref().unwrap_or(RawValue::NULL)
    }

    /// Puts the text on one line: outside of strings a line break is white space, and inside of strings it is escaped.
    fn checked(json: Box<RawValue>) -> serde_json::Result<Self> {
        let text = json.get();
        let json = if text.contains('\n') || text.contains('\r') {
            RawValue::from_string(text.replace(['\n', '\r'], " "))?
        } else {
            json
        };
        let Depth(depth) = serde_json::from_str(json.get())?;
        Ok(Self { json: Some(json.into()), depth })
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Data {}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        let depth = u8::try_from(depth(&value)).unwrap_or(u8::MAX);
        // Every value has a text.
        Self { json: to_raw_value(&value).ok().map(Arc::from), depth }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(from)?;
        Self::checked(json).map_err(|error| D::Error::custom(format_args!("in `data`: {error}")))
    }
}

/// The depth of JSON. `RawValue` checks only the syntax; this finds all that a reader of the value would refuse as well: a
/// number out of range, half of a surrogate pair, and too many levels.
struct Depth(u8);

impl<'de> Deserialize<'de> for Depth {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DepthVisitor)
    }
}

struct DepthVisitor;

/// These methods visit values without a level.
macro_rules! no_level {
    ($($method:ident($type:ty))*) => {$(
        fn $method<E>(self, _: $type) -> Result<Depth, E> {
            Ok(Depth(0))
        }
    )*};
}

impl<'de> Visitor<'de> for DepthVisitor {
    type Value = Depth;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    no_level!(visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str));

    fn visit_unit<E>(self) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Depth, A::Error> {
        let mut inner = 0;
        while let Some(Depth(depth)) = items.next_element()? {
            inner = inner.max(depth);
        }
        Ok(Depth(inner + 1))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Depth, A::Error> {
        let mut inner = 0;
        while let Some((Depth(_), Depth(depth))) = fields.next_entry()? {
            inner = inner.max(depth);
        }
        Ok(Depth(inner + 1))
    }
}
