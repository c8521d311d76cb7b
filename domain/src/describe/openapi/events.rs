//! `/api/events`, and the backend's forwards to the consumer.

use serde_json::{Value, json};

use super::elements::{Paths, Types, both, only_at, query, refused};
use crate::Event;
use crate::api::{BATCH, Delivered, IngestReply, MAX_BATCH_EVENTS, MAX_BODY_BYTES, Page, STRUCTURED};
use crate::event::PRINTABLE;
use crate::intervals::MAX_SEQUENCE;

/// The query `route`.
pub(super) fn route(default: &str) -> Value {
    query(
        "route",
        &format!("The way to the consumer; without it the configured one ({default})."),
        json!({"type": "string", "enum": ["http-push", "http-poll", "kafka", "all"]}),
    )
}

pub(super) fn paths(types: &mut Types) -> Paths {
    let numbered = || {
        json!({"required": ["sequence"], "properties": {
            "source": {"pattern": "^/sessions/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
            "sequence": {"pattern": "^0*[1-9][0-9]{0,14}$", "minimum": 1, "maximum": MAX_SEQUENCE}
        }})
    };
    let event = both(types.0.subschema_for::<Event>().into(), numbered());
    let content = json!({
        BATCH: {"schema": {"type": "array", "minItems": 1, "maxItems": MAX_BATCH_EVENTS, "items": event}},
        STRUCTURED: {"schema": event},
        "application/json": {
            "schema": {"description": "CloudEvents' binary mode: the body is `data`, the attributes are `ce-*` headers, percent-encoded."}
        }
    });
    let number = |minimum: i64, default: i64| json!({"type": "integer", "format": "int64", "minimum": minimum, "default": default});
    let events = json!({
        "post": {
            "operationId": "ingest", "tags": ["events"], "summary": "Takes events in, one result for each event and route",
            "description": format!(
                "`accepted` and `duplicate`: durable. `rejected`: never send it again. `retry`: send it again after \
                 `after_ms`. Only events of a session with a number in it are taken, of \
                 the known types and of those that `--event-types` admits: at most {MAX_BATCH_EVENTS} in one \
                 body of at most {MAX_BODY_BYTES} bytes."
            ),
            "parameters": [route("--default-route")],
            "requestBody": {"required": true, "content": content},
            "responses": {
                "200": types.json::<IngestReply>("At least one event got somewhere, or all were refused by a route"),
                "400": refused(), "413": refused(), "415": refused(), "503": refused()
            }
        },
        "get": {
            "operationId": "read", "tags": ["events"], "summary": "What http-poll's store holds after a cursor",
            "parameters": [
                query("after", "Only events after this position.", number(0, 0)),
                query("limit", "At most this many.", json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000})),
                query(
                    "wait_ms",
                    "How long to wait for the first one, 30,000 at most.",
                    json!({"type": "integer", "minimum": 0, "default": 0})
                ),
                query(
                    "acknowledged",
                    "The consumer's alone, with the peers' secret: it has processed all events up to this position. \
                     An event that expires without that is counted as lost.",
                    json!({"type": "integer", "format": "int64", "minimum": 0})
                )
            ],
            "responses": {
                "200": types.json::<Page>("Events, ascending by position, at least one and at most 4 MiB of them, if there are any"),
                "400": refused(), "401": refused(), "503": refused()
            }
        }
    });
    let elsewhere = json!({"properties": {"source": {"minLength": 1, "maxLength": 200, "pattern": PRINTABLE, "not": {"pattern": "^/sessions/"}}}});
    let from_anywhere = both(types.0.subschema_for::<Event>().into(), json!({"anyOf": [numbered(), elsewhere]}));
    let deliveries = json!({"post": {
        "operationId": "deliver", "tags": ["events"],
        "summary": "Between backend and consumer: what http-push forwards; not shown by the front door",
        "servers": only_at("consumer"),
        "requestBody": {"required": true, "content": {BATCH: {"schema": {"type": "array", "items": from_anywhere}}}},
        "responses": {"200": types.json::<Delivered>("Committed"), "400": refused(), "401": refused(), "413": refused(), "415": refused(), "503": refused()}
    }});
    vec![("/api/events".into(), events), ("/api/deliveries".into(), deliveries)]
}
