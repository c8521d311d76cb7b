//! Events of types of one's own: admitted by a flag, on every route, or rejected with the reason.

use std::time::Duration;

use domain::api::{Outcome, STRUCTURED};
use domain::{Event, Route};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Headers;
use reqwest::Response;
use runtime::testing::until;
use serde_json::{Value, json};

use crate::support::{Backend, FakeConsumer, event, problem, reply};

fn custom(sequence: u64, name: &str) -> Event {
    Event { kind: name.parse().unwrap(), data: json!({"order": ["A-1", {"sum": 1.50}]}).into(), ..event(sequence) }
}

/// The reason why each event of the answer is rejected; empty for one that is accepted.
async fn reasons(response: Response, route: Route) -> Vec<String> {
    let results = reply(response).await.results.into_iter();
    let reason = |outcome: &Outcome| match outcome {
        Outcome::Accepted => String::new(),
        Outcome::Rejected { reason } => reason.clone(),
        other => panic!("{other:?}"),
    };
    results.map(|result| reason(&result.routes[route])).collect()
}

#[tokio::test]
async fn an_admitted_type_is_accepted_over_http_and_another_is_rejected_with_the_patterns() {
    let consumer = FakeConsumer::start(10).await;
    let types = ["--event-types", "com.example.*", "--event-types", "org.shop.sold"];
    let backend = Backend::start(&[&["--consumer-url", &consumer.url][..], &types[..]].concat()).await;
    let names = ["com.example.order.paid", "org.shop.sold", "org.shop.returned"];
    let own = (2..).zip(names).map(|(number, name)| custom(number, name));
    let events: Vec<Event> = std::iter::once(event(1)).chain(own).collect();
    for route in [Route::HttpPush, Route::HttpPoll] {
        let reasons = reasons(backend.post(route.name(), &events).await, route).await;
        let why =
            "the event type `org.shop.returned` is not admitted: --event-types admits com.example.*, org.shop.sold; ";
        assert!(reasons[3].starts_with(why), "{reasons:?}");
        assert!(reasons[..3].iter().all(String::is_empty), "{reasons:?}");
    }
    assert_eq!(*consumer.forwards.lock().await, [3]);
    let stored: Vec<Event> = backend.page(0, 0).await.events.into_iter().map(|stored| stored.event).collect();
    let content = |event: &Event| (event.kind.clone(), event.data.clone());
    assert_eq!(stored.iter().map(content).collect::<Vec<_>>(), events[..3].iter().map(content).collect::<Vec<_>>());

    // The original example's list has no name for them.
    let listed: Value = backend.get("/events").await.json().await.unwrap();
    assert_eq!(listed[0]["event_logs"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test]
async fn without_the_flag_and_against_the_form_none_is_taken() {
    let backend = Backend::start(&[]).await;
    let mut bad = serde_json::to_value(event(1)).unwrap();
    for (name, reason) in [
        (
            "com.example.paid",
            "the event type `com.example.paid` is not admitted: the backend runs without --event-types",
        ),
        ("com.example.*", "the event type `com.example.*` is unknown; known are: ese.click-stream.key-press"),
        ("ese.order.paid", "the event type `ese.order.paid` is unknown"),
    ] {
        bad["type"] = json!(name);
        let answer = backend.post_body("http-poll", STRUCTURED, bad.to_string()).await;
        assert_eq!(answer.status(), 400, "{name}");
        let detail = problem(answer).await.detail;
        assert!(detail.contains(reason), "{detail}");
    }
    assert_eq!(backend.page(0, 0).await.head, 0, "nothing was stored");
}

#[tokio::test]
async fn a_record_is_a_cloudevent_in_binary_mode_in_a_topic_of_its_own() {
    let Some(broker) = runtime::testing::broker() else { return };
    let topic = format!("custom-{}", uuid::Uuid::new_v4());
    let flags = ["--kafka-brokers", &broker, "--custom-topic", &topic, "--event-types", "com.example.*"];
    let backend = Backend::start(&flags).await;
    let reader: StreamConsumer = runtime::kafka::consumer(&broker, "backend-test", None).create().unwrap();
    let partitions = || {
        let metadata = reader.fetch_metadata(Some(&topic), Duration::from_secs(10)).unwrap();
        if metadata.topics()[0].error().is_some() { 0 } else { metadata.topics()[0].partitions().len() }
    };
    until("the topic is made", async || partitions() == 3).await;
    let sent = custom(1, "com.example.order-paid");
    let rejected = custom(2, "org.shop.sold");
    let answer = backend.post("kafka", &[sent.clone(), rejected]).await;
    assert_eq!(reasons(answer, Route::Kafka).await.iter().map(String::is_empty).collect::<Vec<_>>(), [true, false]);

    reader.subscribe(&[&topic]).unwrap();
    let record =
        tokio::time::timeout(Duration::from_secs(30), reader.recv()).await.expect("the record is there").unwrap();
    assert_eq!((record.payload(), record.key()), (Some(sent.data.json().as_bytes()), Some(&b"127.0.0.1"[..])));
    let header = |name: &str| {
        let found = record.headers().unwrap().iter().find(|header| header.key == name);
        String::from_utf8(found.unwrap_or_else(|| panic!("{name} is missing")).value.unwrap().to_vec()).unwrap()
    };
    let names = ["ce_type", "ce_id", "ce_sequence", "content-type"];
    assert_eq!(names.map(header), ["com.example.order-paid", &sent.id.to_string(), "1", "application/json"]);
}
