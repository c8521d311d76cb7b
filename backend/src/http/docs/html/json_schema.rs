//! A JSON Schema in words and tables.

use serde_json::Value;

use super::markup::{fields, markup, row, text};

/// The schema as HTML: a link, a few words, or a table of its fields.
pub(super) fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(fixed) = schema.get("const") {
        return format!("<code>{}</code>", markup(&fixed.to_string()));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| format!("<code>{}</code>", markup(value.as_str().unwrap_or("null"))));
        return values.collect::<Vec<_>>().join(" · ");
    }
    if let Some(inner) = schema.get("contentSchema") {
        return format!("JSON in a text: {}", shape(inner));
    }
    // Beside the first one there are only narrower bounds.
    if let Some(first) = schema["allOf"].get(0) {
        return shape(first);
    }
    for one_of in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[one_of].as_array() {
            return either(choices) + &object(schema);
        }
    }
    match kinds(schema).as_slice() {
        ["object"] => object(schema),
        ["array"] => format!("list of {}", shape(&schema["items"])),
        [] => "any JSON".to_owned(),
        kinds => plain(kinds, schema),
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn plain(kinds: &[&str], schema: &Value) -> String {
    let mut words = kinds.join(" or ");
    if let Some(format) = schema["format"].as_str() {
        words += &format!(" ({format})");
    }
    for (bound, name) in [("minimum", "from"), ("maximum", "to")] {
        if schema[bound].is_number() {
            words += &format!(" {name} {}", schema[bound]);
        }
    }
    markup(&words)
}

/// Simple alternatives in one line, those with fields below each other.
fn either(choices: &[Value]) -> String {
    if choices.iter().all(|choice| choice.get("properties").is_none()) {
        return choices.iter().map(shape).collect::<Vec<_>>().join(" or ");
    }
    let items = choices.iter().map(|choice| format!("<li>{} {}</li>\n", text(choice, "description"), shape(choice)));
    format!("<ul>\n{}</ul>\n", items.collect::<String>())
}

fn object(schema: &Value) -> String {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rows = fields(&schema["properties"]).map(|(name, field)| {
        let optional = if required.contains(&name) { "" } else { " <span class=\"soft\">optional</span>" };
        // The target of a link has its own description.
        row(
            &format!("<code>{}</code>{optional}", markup(name)),
            &format!("{} <p>{}</p>", shape(field), text(field, "description")),
        )
    });
    let rows: String = rows.collect();
    let others = &schema["additionalProperties"];
    match (rows.is_empty(), others.is_object()) {
        (false, _) => format!("<table>\n{rows}</table>\n"),
        (true, true) => format!("object whose every field is {}", shape(others)),
        (true, false) if schema.get("anyOf").or(schema.get("oneOf")).is_some() => String::new(),
        (true, false) => "object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_in_words() {
        for (schema, words) in [
            (json!({"$ref": "#/components/schemas/Page"}), "<a href=\"#Page\">Page</a>"),
            (json!({"type": ["string", "null"], "format": "uuid"}), "string or null (uuid)"),
            (json!({"type": "array", "items": {"type": "integer", "minimum": 1}}), "list of integer from 1"),
            (json!({"enum": ["a", "b"]}), "<code>a</code> · <code>b</code>"),
            (json!({"anyOf": [{"type": "null"}, {"const": 1}]}), "null or <code>1</code>"),
            (json!({"type": "string", "contentSchema": {"type": "null"}}), "JSON in a text: null"),
            (json!({"allOf": [{"$ref": "#/components/schemas/Page"}, {}]}), "<a href=\"#Page\">Page</a>"),
            (json!(true), "any JSON"),
        ] {
            assert_eq!(shape(&schema), words);
        }
        let object = shape(&json!({"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}}));
        assert_eq!(object.matches("optional").count(), 1);
    }
}
