//! JSON Schemas (draft 2020-12) of events, records and mail requests.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::api::seed::{SeedEvent, SeedEvents};
use crate::kafka_record::RecordValue;
use crate::mail_request::MailRequest;
use crate::topics::Topic;
use crate::{Event, Kind};

/// Every stand-alone schema, with its name.
pub fn all() -> Vec<(String, Value)> {
    let mut all = vec![
        ("event".to_owned(), alone::<Event>()),
        ("mail-request".to_owned(), alone::<MailRequest>()),
        ("seed-event".to_owned(), alone::<SeedEvent>()),
        ("seed-events".to_owned(), alone::<SeedEvents>()),
    ];
    all.extend(Topic::ALL.map(|topic| (subject(topic), record_value(topic))));
    all
}

/// The subject of a topic's values in a schema registry.
pub fn subject(topic: Topic) -> String {
    format!("{}-value", topic.name())
}

/// The value of a record in `topic`: the type's schema, with the kinds that go there.
pub fn record_value(topic: Topic) -> Value {
    let mut schema = alone::<RecordValue<'_>>();
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.topic() == topic).map(Kind::sub_type);
    schema["title"] = json!(subject(topic));
    schema["properties"]["sub_type"]["enum"] = kinds.collect();
    schema
}

/// The schema of a `T` as it is read.
fn alone<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_its_own_kinds() {
        let of = |topic| record_value(topic)["properties"]["sub_type"]["enum"].clone();
        assert_eq!(
            of(Topic::Clicks),
            json!(["KEY_PRESS_EVENT", "BUTTON_CLICK_EVENT", "INPUT_PASSED_EVENT", "NAVIGATION_EVENT"])
        );
        assert_eq!(of(Topic::Orders), json!(["ORDER_CREATED", "ORDER_ALLOCATED", "ORDER_STARTED", "ORDER_COMPLETED"]));
    }

    #[test]
    fn what_is_required_is_what_cannot_be_left_out() {
        let schema = alone::<Event>();
        assert_eq!(schema["required"], json!(["id", "source", "type", "time"]));
        let sample = json!({
            "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/elsewhere",
            "type": "ese.order.created", "time": "2026-01-31T12:00:00Z"
        });
        serde_json::from_value::<Event>(sample).unwrap();
    }
}
