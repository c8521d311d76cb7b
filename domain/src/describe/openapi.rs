//! OpenAPI 3.1 of all HTTP interfaces: the schemas from the types, the addresses by hand.

mod elements;
mod events;
mod ledger;
mod parts;
mod security;
mod seed;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use self::elements::{Paths, Types};
use crate::api::{PROBLEM, Problem};

/// The document.
pub fn openapi() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut types = Types(settings.into_generator());
    let mut paths = Map::new();
    let all: [fn(&mut Types) -> Paths; 4] = [events::paths, seed::paths, ledger::paths, parts::paths];
    for (path, item) in all.into_iter().flat_map(|of| of(&mut types)).chain(security::paths()) {
        paths.insert(path.into_owned(), item);
    }
    security::secure(&mut paths);
    let refused = types.answer::<Problem>("Refused, with the reason and, where it helps, when to come back", PROBLEM);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ESE: plain HTTP, or Kafka?",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            "description": "All HTTP interfaces, as the front door (`ese up`) shows them on one port. \
                Each tag is the part that answers; `/`, `/livez`, `/readyz` and `/metrics` are a part's own. \
                Beside the answers of an operation, each address has these: 405 with `Allow` for another method; \
                403 for a request with effects by another site's page, and on loopback 421 for another host name; \
                at the front door 503 while a part is away or ESE stops, and 504 if a part does not answer."
        },
        "servers": [{"url": "http://localhost:8080", "description": "The front door of `ese up`"}],
        "tags": [
            {"name": "events", "description": "Backend: events in, and what http-poll's readers read"},
            {"name": "original example", "description": "Backend: the contracts of the original example's programs"},
            {"name": "ledger", "description": "Consumer: ledger, live stream, use cases"},
            {"name": "mails", "description": "Mailer and inbox"},
            {"name": "parts", "description": "The front door itself, and every part's probes"}
        ],
        "paths": paths,
        "components": {"schemas": types.0.take_definitions(true), "responses": {"Refused": refused}, "securitySchemes": security::schemes()}
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_summary_and_a_tag() {
        let document = openapi();
        let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
        let mut names = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
                assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
                assert!(!operation["responses"].as_object().unwrap().is_empty(), "{method} {path}");
                for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                    let given = operation["parameters"].as_array().unwrap();
                    assert!(given.iter().any(|one| one["in"] == "path" && one["name"] == name), "{method} {path}");
                }
            }
        }
    }
}
