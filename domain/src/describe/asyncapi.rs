//! AsyncAPI 3 of the Kafka topics.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::schemas;
use crate::Kind;
use crate::mail_request::MailRequest;
use crate::topics::{DEAD_LETTER_SUFFIX, MAIL_TOPIC, PARTITIONS, Topic};

/// The document.
pub fn asyncapi() -> Value {
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    let mut add = |topic: &str, message: &str, partitions, about: &str, senders: &str| {
        channels.insert(topic.to_owned(), channel(topic, message, partitions, about));
        operations.insert(format!("send-{topic}"), operation("send", topic, senders));
    };
    for topic in Topic::ALL.map(Topic::name) {
        let about = "Keyed by the client's IP, so that one client's events keep their order.";
        add(topic, topic, PARTITIONS, about, "The backend produces, acks=all, idempotent");
    }
    let about = "What alerts ask the mailer to send, keyed by id.";
    add(MAIL_TOPIC, MAIL_TOPIC, 1, about, "The consumer's outbox produces");
    for topic in Topic::ALL.map(Topic::name).into_iter().chain([MAIL_TOPIC]) {
        let about = format!("Records of {topic} that cannot be processed; `ese dlq` lists them and sends them again.");
        let name = format!("{topic}{DEAD_LETTER_SUFFIX}");
        add(&name, "dead-letter", 1, &about, "Produced for each record that cannot be processed");
    }
    for topic in Topic::ALL {
        let name = topic.name();
        let receive = operation("receive", name, "The consumer goes on at its database's positions");
        operations.insert(format!("receive-{name}"), receive);
        messages.insert(name.to_owned(), event_message(topic));
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
                no headers; their id is made from topic, partition and offset, and the ledger does not count them."
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
    let text = |about: &str| json!({"type": "string", "description": about});
    let time = |about: &str| json!({"type": "string", "format": "date-time", "description": about});
    json!({
        "name": topic.name(), "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "All of the required ones, or none at all.",
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {"type": "string", "format": "uuid"},
                "ce_source": text("`/sessions/<uuid>`, or where else it comes from."),
                "ce_type": {"enum": kinds},
                "ce_time": time("When it happened, by the emitter's clock."),
                "ce_sequence": text("Its number within the session."),
                "ce_partitionkey": text("The client's IP: what the rules group by."),
                "ce_traceparent": text("W3C trace context of the emitter."),
                "ce_receivedtime": time("When the backend received it.")
            },
            "dependentRequired": {"ce_id": ["ce_source", "ce_type", "ce_time"]}
        },
        "payload": schema(schemas::record_value(topic)),
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
