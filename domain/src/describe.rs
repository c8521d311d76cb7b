//! Descriptions of the wire formats, generated from the types: JSON Schemas, OpenAPI, AsyncAPI.

mod asyncapi;
mod openapi;
pub mod schemas;

pub use asyncapi::asyncapi;
pub use openapi::openapi;

/// Every description as a file: its path below the documentation's folder, and its text.
pub fn files() -> Vec<(String, String)> {
    let schemas = schemas::all().into_iter().map(|(name, schema)| (format!("schemas/{name}.json"), schema));
    let apis = [("openapi.json".to_owned(), openapi()), ("asyncapi.json".to_owned(), asyncapi())];
    apis.into_iter().chain(schemas).map(|(path, value)| (path, format!("{value:#}\n"))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Every `$ref` in the document.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => (),
        }
    }

    #[test]
    fn every_reference_has_its_target() {
        let alone = schemas::all().into_iter().map(|(_, schema)| schema);
        for document in [openapi(), asyncapi()].into_iter().chain(alone) {
            let mut found = BTreeSet::new();
            references(&document, &mut found);
            for reference in &found {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
        }
    }

    #[test]
    fn every_schema_of_the_http_interfaces_is_referred_to() {
        let document = openapi();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is not referred to");
        }
    }
}
