//! The contracts of the original example: its events, the Kafka REST façade, the schema registry's addresses.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::elements::{Paths, Types, both, in_path, refused};
use super::events::route;
use crate::Kind;
use crate::api::kafka_rest::{KAFKA, KAFKA_JSON, Produced, REGISTRY, RestError, SchemaVersion};
use crate::api::seed::{SeedClient, SeedEvent, SeedEvents, SeedLog, SeedMessage};
use crate::api::{MAX_BATCH_EVENTS, PROBLEM, Problem};
use crate::describe::schemas::subject;
use crate::kafka_record::RecordValue;
use crate::topics::Topic;

const TAG: &str = "original example";

pub(super) fn paths(types: &mut Types) -> Paths {
    let mut bad = types.json::<SeedMessage>(
        "Not understood: `{\"message\":\"Bad data schema passed\"}`; a problem if only the query is wrong",
    );
    bad["content"][PROBLEM] = types.content::<Problem>(PROBLEM)[PROBLEM].take();
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
    let mut health = types.json::<SeedMessage>("It runs; at the front door the page, or words in its place");
    for media in ["text/html", "text/plain"] {
        health["content"][media] = json!({"schema": {"type": "string"}});
    }
    let health = json!({"get": {
        "operationId": "health", "tags": [TAG], "summary": "Health of the backend; at the front door this is the page",
        "responses": {"200": health}
    }});
    let mut paths = vec![("/".into(), health), ("/event".into(), event), ("/events".into(), events)];
    paths.extend(Topic::ALL.map(|topic| produce(types, topic)));
    paths.extend(registry(types));
    paths
}

/// A topic's own address: each topic has kinds of its own.
fn produce(types: &mut Types, topic: Topic) -> (Cow<'static, str>, Value) {
    let kinds: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.topic() == topic).map(Kind::sub_type).collect();
    let value = json!({"properties": {"sub_type": {"enum": kinds}}});
    let record = json!({
        "type": "object", "required": ["value"],
        "properties": {
            "value": both(types.0.subschema_for::<RecordValue<'_>>().into(), value),
            "key": {"description": "Any JSON; where there is none, the record's key is the value's `ip`, which, if it is empty, becomes the sender's address."},
            "partition": {"type": ["integer", "null"], "format": "int32", "minimum": 0, "maximum": i32::MAX, "description": "Where there is none, the key decides."}
        }
    });
    let body = json!({"type": "object", "required": ["records"], "properties": {
        "records": {"type": "array", "minItems": 1, "maxItems": MAX_BATCH_EVENTS, "items": record}
    }});
    let mut error = |description| types.answer::<RestError>(description, KAFKA);
    let produce = json!({"post": {
        "operationId": format!("produce-{}", topic.name()), "tags": [TAG],
        "summary": "Produces plain records, as Confluent's REST Proxy v2 does",
        "description": "Answered after the delivery reports with acks=all. Other fields, such as `value_schema`, are ignored. \
            Any other topic is answered with 404 and the code 40401.",
        "requestBody": {"required": true, "content": {KAFKA_JSON: {"schema": body}}},
        "responses": {
            "400": error("The body is no JSON"),
            "413": error("The body is too large, or has too many records"),
            "415": error("The content type is another"),
            "422": error("A record is not one of this topic"),
            "503": error("No record was taken; Retry-After has the time to try again"),
            "200": types.answer::<Produced>("At least one record was taken; each has its place or its error", KAFKA)
        }
    }});
    (format!("/topics/{}", topic.name()).into(), produce)
}

fn registry(types: &mut Types) -> [(Cow<'static, str>, Value); 3] {
    let subject = json!({"type": "string", "enum": Topic::ALL.map(subject)});
    let error = |types: &mut Types, description| types.answer::<RestError>(description, REGISTRY);
    let subjects = json!({"get": {
        "operationId": "schemaSubjects", "tags": [TAG], "summary": "The subjects that have a schema",
        "responses": {"200": types.answer::<Vec<String>>("One for each topic", REGISTRY)}
    }});
    let versions = json!({"get": {
        "operationId": "schemaVersions", "tags": [TAG], "summary": "The versions of a subject's schema",
        "parameters": [in_path("subject", "A topic's name and `-value`.", subject.clone())],
        "responses": {
            "200": types.answer::<Vec<i32>>("Always `[1]`", REGISTRY),
            "404": error(types, "40401: there is no such subject")
        }
    }});
    let version = json!({"get": {
        "operationId": "schemaVersion", "tags": [TAG], "summary": "One version of a subject's schema, generated from the types",
        "parameters": [
            in_path("subject", "A topic's name and `-value`.", subject),
            in_path("version", "A number from 1, or `latest`, or -1 for it.", json!({"type": "string", "pattern": "^([1-9][0-9]{0,8}|latest|-1)$"}))
        ],
        "responses": {
            "200": types.answer::<SchemaVersion>("The schema", REGISTRY),
            "404": error(types, "40401: there is no such subject; 40402: there is no such version"),
            "422": error(types, "42202: this cannot be a version")
        }
    }});
    [
        ("/subjects".into(), subjects),
        ("/subjects/{subject}/versions".into(), versions),
        ("/subjects/{subject}/versions/{version}".into(), version),
    ]
}
