//! The Kafka REST façade and the schema registry's two addresses, as Confluent's clients use them.
//! The tests that produce need ESE_TEST_BROKER.

use std::time::Duration;

use rdkafka::consumer::Consumer as _;
use rdkafka::message::Headers;
use rdkafka::{Message, Offset, TopicPartitionList};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::Backend;

const JSON: &str = "application/vnd.kafka.json.v2+json";

/// A value as the seed's browser client sends it.
fn value(sub_type: &str) -> Value {
    json!({"sub_type": sub_type, "ip": "10.0.0.9", "client_timestamp": 1_769_860_800_000_i64, "data": "{\"orderId\":\"A-1\"}"})
}

async fn post(backend: &Backend, topic: &str, content_type: &str, body: impl ToString) -> Response {
    let request = backend.client.post(format!("{}/topics/{topic}", backend.url)).header("content-type", content_type);
    request.body(body.to_string()).send().await.unwrap()
}

async fn error(response: Response) -> (u16, i64, String) {
    let status = response.status().as_u16();
    let error: Value = response.json().await.unwrap();
    (status, error["error_code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

/// The key, value and number of headers of the record at a place.
async fn record(broker: &str, topic: &str, place: &Value) -> (Option<String>, Value, usize) {
    let reader: runtime::kafka::Consumer = runtime::kafka::consumer(broker, "kafka-rest-test", None)
        .create_with_context(runtime::kafka::DebugLog)
        .unwrap();
    let mut from = TopicPartitionList::new();
    let partition = i32::try_from(place["partition"].as_i64().unwrap()).unwrap();
    from.add_partition_offset(topic, partition, Offset::Offset(place["offset"].as_i64().unwrap())).unwrap();
    reader.assign(&from).unwrap();
    let record = tokio::time::timeout(Duration::from_secs(30), runtime::kafka::next(&reader)).await;
    let record = record.expect("the record is at the answered place").unwrap();
    let key = record.key().map(|key| String::from_utf8(key.to_vec()).unwrap());
    (key, serde_json::from_slice(record.payload().unwrap()).unwrap(), record.headers().map_or(0, Headers::count))
}

#[tokio::test]
async fn records_are_at_the_answered_places_on_each_topic() {
    let Some(broker) = runtime::testing::broker() else { return };
    let backend = Backend::start(&["--kafka-brokers", &broker]).await;
    for (topic, sub_type) in [("click-events", "BUTTON_CLICK_EVENT"), ("order-events", "ORDER_CREATED")] {
        let body = json!({
            "value_schema": "\"whatever the registry said\"",
            "records": [{"value": value(sub_type)}, {"value": value(sub_type), "key": "mine"}, {"value": value(sub_type), "partition": 2}]
        });
        let answer = post(&backend, topic, JSON, body).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/vnd.kafka.v2+json");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!((&answer["key_schema_id"], &answer["value_schema_id"]), (&json!(null), &json!(null)));
        let offsets = answer["offsets"].as_array().unwrap();
        assert_eq!(offsets.len(), 3);
        for place in offsets {
            assert_eq!((&place["error_code"], &place["error"]), (&json!(null), &json!(null)));
        }
        let plain = (Some("10.0.0.9".to_owned()), value(sub_type), 0);
        assert_eq!(record(&broker, topic, &offsets[0]).await, plain, "with its client's other ones");
        assert_eq!(record(&broker, topic, &offsets[1]).await.0.as_deref(), Some("\"mine\""));
        assert_eq!(offsets[2]["partition"], json!(2));
    }
}

#[tokio::test]
async fn a_record_without_an_address_gets_the_senders() {
    let Some(broker) = runtime::testing::broker() else { return };
    let backend = Backend::start(&["--kafka-brokers", &broker]).await;
    let mut nobodys = value("KEY_PRESS_EVENT");
    nobodys["ip"] = json!("");
    nobodys["data"] = json!("no JSON");
    let answer: Value =
        post(&backend, "click-events", JSON, json!({"records": [{"value": nobodys}]})).await.json().await.unwrap();
    let (key, found, _) = record(&broker, "click-events", &answer["offsets"][0]).await;
    assert_eq!(
        (key.as_deref(), &found["ip"], &found["data"]),
        (Some("127.0.0.1"), &json!("127.0.0.1"), &nobodys["data"])
    );
}

#[tokio::test]
async fn a_record_that_cannot_be_produced_does_not_stop_the_others() {
    let Some(broker) = runtime::testing::broker() else { return };
    let backend = Backend::start(&["--kafka-brokers", &broker]).await;
    let records =
        json!({"records": [{"value": value("ORDER_CREATED"), "partition": 77}, {"value": value("ORDER_CREATED")}]});
    let answer: Value = post(&backend, "order-events", JSON, records).await.json().await.unwrap();
    let lost = &answer["offsets"][0];
    assert_eq!((&lost["partition"], &lost["offset"], &lost["error_code"]), (&json!(null), &json!(null), &json!(1)));
    assert!(lost["error"].is_string());
    assert!(answer["offsets"][1]["offset"].is_i64());
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    // All are refused before the broker, so none is needed.
    let backend = Backend::start(&["--kafka-brokers", "127.0.0.1:9"]).await;
    let records = |record: Value| json!({"records": [record]}).to_string();
    let good = records(json!({"value": value("KEY_PRESS_EVENT")}));
    let before_0 = records(json!({"value": value("KEY_PRESS_EVENT"), "partition": -1}));
    let too_many = json!({"records": vec![json!({"value": value("KEY_PRESS_EVENT")}); 1001]}).to_string();
    let mut no_ip = value("KEY_PRESS_EVENT");
    no_ip.as_object_mut().unwrap().remove("ip");
    for (topic, content_type, body, status, code, text) in [
        ("mail-requests", JSON, good.clone(), 404, 40401, "Topic not found"),
        ("click-events", "application/json", good.clone(), 415, 415, JSON),
        ("click-events", JSON, "{".to_owned(), 400, 400, "The body is not"),
        ("click-events", JSON, "{}".to_owned(), 422, 422, "records"),
        ("click-events", JSON, json!({"records": []}).to_string(), 422, 422, "no records"),
        ("click-events", JSON, records(json!({"key": 1})), 422, 422, "value"),
        ("click-events", JSON, records(json!({"value": no_ip})), 422, 422, "ip"),
        ("click-events", JSON, records(json!({"value": value("NAP")})), 422, 422, "`NAP`"),
        ("order-events", JSON, good.clone(), 422, 422, "belongs into click-events"),
        ("click-events", JSON, before_0, 422, 422, "count from 0"),
        ("click-events", JSON, too_many, 413, 413, "at most 1000"),
        ("click-events", JSON, " ".repeat((1 << 20) + 1), 413, 413, "larger than"),
        ("click-events", JSON, good.clone(), 503, 503, "No record was taken"),
    ] {
        let (got_status, got_code, message) = error(post(&backend, topic, content_type, body).await).await;
        assert_eq!((got_status, got_code), (status, code), "{message}");
        assert!(message.contains(text), "`{message}` lacks `{text}`");
    }
    let none = Backend::start(&[]).await;
    let answer = post(&none, "click-events", JSON, good).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert!(error(answer).await.2.contains("no Kafka broker"));
}

#[tokio::test]
async fn the_registry_has_each_topics_schema() {
    let backend = Backend::start(&[]).await;
    let get = async |path: &str| backend.get(&format!("/subjects/{path}")).await;
    let subjects: Value = backend.get("/subjects").await.json().await.unwrap();
    assert_eq!(subjects, json!(["click-events-value", "order-events-value"]));
    for (topic, id) in [("click-events", 1), ("order-events", 2)] {
        let versions = get(&format!("{topic}-value/versions")).await;
        assert_eq!(versions.headers()["content-type"], "application/vnd.schemaregistry.v1+json");
        assert_eq!(versions.json::<Value>().await.unwrap(), json!([1]));
        let version: Value = get(&format!("{topic}-value/versions/1")).await.json().await.unwrap();
        assert_eq!(
            (&version["subject"], &version["version"], &version["id"]),
            (&json!(format!("{topic}-value")), &json!(1), &json!(id))
        );
        assert_eq!(version["schemaType"], "JSON");
        let schema: Value = serde_json::from_str(version["schema"].as_str().unwrap()).unwrap();
        assert_eq!(schema["required"], json!(["sub_type", "ip", "client_timestamp", "data"]));
        assert_eq!(get(&format!("{topic}-value/versions/latest")).await.json::<Value>().await.unwrap(), version);
    }
    let unknown = error(get("pigeons-value/versions").await).await;
    assert_eq!(unknown, (404, 40401, "Subject 'pigeons-value' not found.".to_owned()));
    assert_eq!(error(get("pigeons-value/versions/1").await).await.1, 40401);
    let unknown = error(get("click-events-value/versions/2").await).await;
    assert_eq!(unknown, (404, 40402, "Version 2 not found.".to_owned()));
    assert_eq!(error(get("click-events-value/versions/new").await).await.1, 42202);
}
