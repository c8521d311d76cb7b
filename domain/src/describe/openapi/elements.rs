//! The elements of which the operations are made.

use std::borrow::Cow;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Paths and their operations.
pub(super) type Paths = Vec<(Cow<'static, str>, Value)>;

/// Collects the schemas of the types used.
pub(super) struct Types(pub(super) SchemaGenerator);

impl Types {
    /// A media type with a `T` in it.
    pub(super) fn content<T: JsonSchema>(&mut self, media: &str) -> Value {
        json!({media: {"schema": self.0.subschema_for::<T>()}})
    }

    /// A required body that is a `T`.
    pub(super) fn body<T: JsonSchema>(&mut self, media: &str) -> Value {
        json!({"required": true, "content": self.content::<T>(media)})
    }

    /// An answer with a `T` in it.
    pub(super) fn answer<T: JsonSchema>(&mut self, description: &str, media: &str) -> Value {
        json!({"description": description, "content": self.content::<T>(media)})
    }

    /// An answer with a `T` as plain JSON.
    pub(super) fn json<T: JsonSchema>(&mut self, description: &str) -> Value {
        self.answer::<T>(description, "application/json")
    }
}

/// A schema with another one's conditions as well.
pub(super) fn both(one: Value, other: Value) -> Value {
    json!({"allOf": [one, other]})
}

/// A part's own address, for an operation that the front door does not show.
pub(super) fn only_at(part: &str) -> Value {
    let description = format!("The {part} itself, as its --listen says; the front door does not show this operation");
    json!([{"url": "http://127.0.0.1:{port}", "description": description, "variables": {"port": {"default": "8081"}}}])
}

/// An answer with a problem.
pub(super) fn refused() -> Value {
    json!({"$ref": "#/components/responses/Refused"})
}

/// An answer without JSON.
pub(super) fn text(description: &str, media: &str) -> Value {
    json!({"description": description, "content": {media: {"schema": {"type": "string"}}}})
}

/// A query parameter.
pub(super) fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

/// A path parameter.
pub(super) fn in_path(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
}
