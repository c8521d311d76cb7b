//! The contracts of the original example: its events, the Kafka REST façade, the schema registry's two addresses.

use serde_json::{Value, json};

use super::elements::{Paths, Types, in_path, refused};
use super::events::route;
use crate::api::kafka_rest::{KAFKA, KAFKA_JSON, Produced, REGISTRY, RestError, SchemaVersion};
use crate::api::seed::{SeedClient, SeedEvent, SeedEvents, SeedLog, SeedMessage};
use crate::kafka_record::RecordValue;

const TAG: &str = "original example";

pub(super) fn paths(types: &mut Types) -> Paths {
    let bad = types.json::<SeedMessage>("Not understood: `{\"message\":\"Bad data schema passed\"}`");
    let once = "These events have no sequence numbers: they are processed at least once, and the ledger does not count them. \
                The rules group them by the `ip` in the body.";
    let event = json!({"post": {
        "operationId": "pushEvent", "tags": [TAG], "summary": "Takes one event in", "description": once,
        "parameters": [route("--seed-route")],
        "requestBody": types.body::<SeedEvent>("application/json"),
        "responses": {"201": types.json::<SeedLog>("Durable on every route asked for"), "400": bad, "413": refused(), "503": refused()}
    }});
    let events = json!({
        "post": {
            "operationId": "pushEvents", "tags": [TAG], "summary": "Takes several events in", "description": once,
            "parameters": [route("--seed-route")],
            "requestBody": types.body::<SeedEvents>("application/json"),
            "responses": {
                "201": types.json::<Vec<SeedLog>>("All are durable on every route asked for"),
                "400": bad, "413": refused(), "503": refused()
            }
        },
        "get": {
            "operationId": "listEvents", "tags": [TAG],
            "summary": "What http-poll's store holds and has not expired, by client: the latest 10,000 events, 16 MiB at most",
            "responses": {"200": types.json::<Vec<SeedClient>>("The clients"), "503": refused()}
        }
    });
    let health = json!({"get": {
        "operationId": "health", "tags": [TAG], "summary": "Health of the backend; at the front door this is the page",
        "responses": {"200": types.json::<SeedMessage>("It runs")}
    }});
    let mut paths = vec![("/", health), ("/event", event), ("/events", events)];
    paths.extend(kafka(types));
    paths
}

fn kafka(types: &mut Types) -> [(&'static str, Value); 4] {
    let topic = json!({"type": "string", "enum": ["click-events", "order-events"]});
    let subject = json!({"type": "string", "enum": ["click-events-value", "order-events-value"]});
    let record = json!({
        "type": "object", "required": ["value"],
        "properties": {
            "value": types.0.subschema_for::<RecordValue<'_>>(),
            "key": {"description": "Any JSON; where there is none, the record's key is the value's `ip`, which, if it is empty, becomes the sender's address."},
            "partition": {"type": "integer", "minimum": 0, "description": "Where there is none, the key decides."}
        }
    });
    let body = json!({"type": "object", "required": ["records"], "properties": {
        "records": {"type": "array", "minItems": 1, "maxItems": 1000, "items": record}
    }});
    let error = |types: &mut Types, description, media| types.answer::<RestError>(description, media);
    let produce = json!({"post": {
        "operationId": "produce", "tags": [TAG], "summary": "Produces plain records, as Confluent's REST Proxy v2 does",
        "description": "Answered after the delivery reports with acks=all. Other fields, such as `value_schema`, are ignored.",
        "parameters": [in_path("topic", "The topic.", topic)],
        "requestBody": {"required": true, "content": {KAFKA_JSON: {"schema": body}}},
        "responses": {
            "200": types.answer::<Produced>("At least one record was taken; each has its place or its error", KAFKA),
            "400": error(types, "The body is no JSON", KAFKA),
            "404": error(types, "40401: there is no such topic here", KAFKA),
            "413": error(types, "The body is too large, or has too many records", KAFKA),
            "415": error(types, "The content type is another", KAFKA),
            "422": error(types, "A record is not one of this topic", KAFKA),
            "503": error(types, "No record was taken; Retry-After has the time to try again", KAFKA)
        }
    }});
    let subjects = json!({"get": {
        "operationId": "schemaSubjects", "tags": [TAG], "summary": "The subjects that have a schema",
        "responses": {"200": types.answer::<Vec<String>>("One for each topic", REGISTRY)}
    }});
    let versions = json!({"get": {
        "operationId": "schemaVersions", "tags": [TAG], "summary": "The versions of a subject's schema",
        "parameters": [in_path("subject", "A topic's name and `-value`.", subject.clone())],
        "responses": {
            "200": types.answer::<Vec<i32>>("Always `[1]`", REGISTRY),
            "404": error(types, "40401: there is no such subject", REGISTRY)
        }
    }});
    let version = json!({"get": {
        "operationId": "schemaVersion", "tags": [TAG], "summary": "One version of a subject's schema, generated from the types",
        "parameters": [
            in_path("subject", "A topic's name and `-value`.", subject),
            in_path("version", "A number, or `latest`.", json!({"type": "string"}))
        ],
        "responses": {
            "200": types.answer::<SchemaVersion>("The schema", REGISTRY),
            "404": error(types, "40401: there is no such subject; 40402: there is no such version", REGISTRY),
            "422": error(types, "42202: this cannot be a version", REGISTRY)
        }
    }});
    [
        ("/topics/{topic}", produce),
        ("/subjects", subjects),
        ("/subjects/{subject}/versions", versions),
        ("/subjects/{subject}/versions/{version}", version),
    ]
}
