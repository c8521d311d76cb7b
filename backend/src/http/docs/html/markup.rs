//! Small pieces of HTML, escaped.

use serde_json::Value;

/// Every object's fields in their order; none where there is no object.
pub(super) fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, field)| (name.as_str(), field))
}

/// A text field, escaped; empty where there is none.
pub(super) fn text(value: &Value, field: &str) -> String {
    markup(value[field].as_str().unwrap_or_default())
}

/// Escapes, and sets `code` in its own type.
pub(super) fn markup(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let parts = escaped.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 0 { part.to_owned() } else { format!("<code>{part}</code>") }).collect()
}

/// A row of a table.
pub(super) fn row(head: &str, body: &str) -> String {
    format!("<tr><th scope=\"row\">{head}</th><td>{body}</td></tr>\n")
}
