//! AsyncAPI 3 of the Kafka topics.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::schemas;
use crate::mail_request::MailRequest;
use crate::topics::{CUSTOM_TOPIC, DEAD_LETTER_SUFFIX, MAIL_TOPIC, PARTITIONS, Topic};
use crate::{EventType, Kind};

/// The document.
pub fn asyncapi() -> Value {
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    let mut add = |topic: &str, message: &str, partitions, about: &str, senders: &str| {
        channels.insert(topic.to_owned(), channel(topic, message, partitions, about));
        operations.insert(format!("send-{topic}"), operation("send", topic, senders));
    };
    let about = "Keyed by the client's IP, so that one client's events keep their order.";
    for topic in Topic::ALL.map(Topic::name) {
        add(topic, topic, PARTITIONS, about, "The backend produces, acks=all, idempotent");
    }
    let about =
        format!("{about} Only where the services are started with --event-types: the events of types of one's own.");
    add(CUSTOM_TOPIC, CUSTOM_TOPIC, PARTITIONS, &about, "The backend produces the types that --event-types admits");
    let about = "What alerts ask the mailer to send, keyed by id.";
    add(MAIL_TOPIC, MAIL_TOPIC, 1, about, "The consumer's outbox produces");
    for topic in Topic::ALL.map(Topic::name).into_iter().chain([CUSTOM_TOPIC, MAIL_TOPIC]) {
        let about = format!("Records of {topic} that cannot be processed; `ese dlq` lists them and sends them again.");
        let name = format!("{topic}{DEAD_LETTER_SUFFIX}");
        add(&name, "dead-letter", 1, &about, "Produced for each record that cannot be processed");
    }
    let known = Topic::ALL.map(|topic| (topic.name(), event_message(topic)));
    for (name, message) in known.into_iter().chain([(CUSTOM_TOPIC, custom_message())]) {
        let receive = operation("receive", name, "The consumer goes on at its database's positions");
        operations.insert(format!("receive-{name}"), receive);
        messages.insert(name.to_owned(), message);
    }
    let receive = operation("receive", MAIL_TOPIC, "The mailer sends each id once");
    operations.insert(format!("receive-{MAIL_TOPIC}"), receive);
    messages.insert(MAIL_TOPIC.to_owned(), mail_message());
    messages.insert("dead-letter".to_owned(), dead_letter());
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "ESE: the Kafka topics", "version": env!("CARGO_PKG_VERSION"),
            "description": "CloudEvents 1.0 in binary mode: attributes are `ce_*` headers. Records of other producers need \
                no headers, except in custom-events; their id is made from topic, partition and offset, and the ledger does \
                not count them."
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {"host": "localhost:9092", "protocol": "kafka", "description": "`ese up` prints its address"}},
        "channels": channels, "operations": operations, "components": {"messages": messages}
    })
}

fn channel(topic: &str, message: &str, partitions: i32, about: &str) -> Value {
    json!({
        "address": topic, "description": about,
        "messages": {message: {"$ref": format!("#/components/messages/{message}")}},
        "bindings": {"kafka": {"topic": topic, "partitions": partitions}}
    })
}

fn operation(action: &str, channel: &str, summary: &str) -> Value {
    json!({"action": action, "summary": summary, "channel": {"$ref": format!("#/channels/{channel}")}})
}

fn event_message(topic: Topic) -> Value {
    let kinds: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.topic() == topic).map(Kind::name).collect();
    message(topic.name(), &json!({"enum": kinds}), schema(schemas::record_value(topic)))
}

/// The events of types of one's own: all of them, as the parser takes them.
fn custom_message() -> Value {
    let types = EventType::json_schema(&mut SchemaGenerator::default()).to_value()["anyOf"][1].take();
    let mut message = message(CUSTOM_TOPIC, &types, json!({"description": "The event's data: any JSON, or nothing."}));
    message["headers"]["description"] = json!("The required ones in every record.");
    message["headers"]["required"] = json!(["ce_id", "ce_source", "ce_type", "ce_time"]);
    message["headers"]["properties"]["content-type"] = json!({"const": "application/json"});
    message
}

fn message(name: &str, types: &Value, payload: Value) -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let time = |about: &str| json!({"type": "string", "format": "date-time", "description": about});
    json!({
        "name": name, "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "All of the required ones, or none at all.",
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {"type": "string", "format": "uuid"},
                "ce_source": text("`/sessions/<uuid>`, or where else it comes from."),
                "ce_type": types,
                "ce_time": time("When it happened, by the emitter's clock."),
                "ce_sequence": text("Its number within the session."),
                "ce_partitionkey": text("The client's IP: what the rules group by."),
                "ce_traceparent": text("W3C trace context of the emitter."),
                "ce_receivedtime": time("When the backend received it.")
            },
            "dependentRequired": {"ce_id": ["ce_source", "ce_type", "ce_time"]}
        },
        "payload": payload,
        "bindings": {"kafka": {"key": text("The client's IP.")}}
    })
}

fn mail_message() -> Value {
    json!({"name": MAIL_TOPIC, "contentType": "application/json", "payload": written::<MailRequest>()})
}

fn dead_letter() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "name": "dead-letter",
        "summary": "The record unchanged, with headers for its place and the reason",
        "headers": {"type": "object", "required": ["dlq-topic", "dlq-partition", "dlq-offset", "dlq-reason"], "properties": {
            "dlq-topic": text("Where it was."), "dlq-partition": text("In which partition."),
            "dlq-offset": text("At which offset."), "dlq-reason": text("Why it cannot be processed.")
        }},
        "payload": {"description": "The payload of the record."}
    })
}

/// The schema of a `T` as it is written.
fn written<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    schema(settings.into_generator().into_root_schema_for::<T>().to_value())
}

/// A schema inside a document that is not one.
fn schema(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
    }
    json!({"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema})
}
