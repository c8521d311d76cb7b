//! kafka: accepted after the delivery report; the record fits the contract. Needs ESE_TEST_BROKER.

use std::time::Duration;

use domain::api::Outcome;
use domain::kafka_record::{Attributes, event_from_record};
use domain::{Event, Route};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Headers;

use runtime::kafka::{Topic, ensure_topics};
use runtime::testing::until;

use crate::support::{Backend, event, problem, reply};

#[tokio::test]
async fn a_record_has_the_whole_event() {
    let Some(broker) = runtime::testing::broker() else { return };
    let consumer: StreamConsumer = runtime::kafka::consumer(&broker, "backend-test", None).create().unwrap();
    let backend = Backend::start(&["--kafka-brokers", &broker]).await;
    let id = uuid::Uuid::new_v4();
    let sent = Event { id, ..event(1) };
    let reply = reply(backend.post("kafka", std::slice::from_ref(&sent)).await).await;
    assert_eq!(reply.results[0].routes[Route::Kafka], Outcome::Accepted);

    consumer.subscribe(&["click-events"]).unwrap();
    let find = async {
        loop {
            let record = consumer.recv().await.unwrap();
            // Other tests write to the topic as well, some of them without headers.
            let mut attributes = Attributes::default();
            for header in record.headers().into_iter().flat_map(|headers| headers.iter()) {
                if let Some(name) = header.key.strip_prefix("ce_") {
                    attributes.set(name, String::from_utf8_lossy(header.value.unwrap_or_default()));
                }
            }
            if attributes.id() == Some(&*id.to_string()) {
                assert_eq!(record.key(), Some("127.0.0.1".as_bytes()));
                return event_from_record(attributes, record.payload().unwrap(), String::new).unwrap();
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(30), find).await.expect("the record is in the topic");
    assert_eq!(found, Event { partitionkey: "127.0.0.1".to_owned(), receivedtime: found.receivedtime, ..sent });
}

#[tokio::test]
async fn the_topics_have_the_names_of_the_user_and_one_that_exists_keeps_its_partitions() {
    let Some(broker) = runtime::testing::broker() else { return };
    let (clicks, orders) = (format!("clicks-{}", uuid::Uuid::new_v4()), format!("orders-{}", uuid::Uuid::new_v4()));
    ensure_topics(&broker, &[Topic::new(&clicks, 1)]).await.unwrap();
    let names = ["--click-topic", &clicks, "--order-topic", &orders];
    let backend = Backend::start(&[&["--kafka-brokers", &broker][..], &names[..]].concat()).await;
    let reply = reply(backend.post("kafka", &[event(1)]).await).await;
    assert_eq!(reply.results[0].routes[Route::Kafka], Outcome::Accepted);
    let reader: StreamConsumer = runtime::kafka::consumer(&broker, "backend-test", None).create().unwrap();
    let partitions = |topic: &str| {
        let metadata = reader.fetch_metadata(Some(topic), Duration::from_secs(10)).unwrap();
        let found = &metadata.topics()[0];
        if found.error().is_some() { 0 } else { found.partitions().len() }
    };
    assert_eq!(partitions(&clicks), 1);
    assert_eq!(reader.fetch_watermarks(&clicks, 0, Duration::from_secs(10)).unwrap(), (0, 1));
    until("the missing topic is made", async || partitions(&orders) == 3).await;

    // The contract of the original example keeps its names.
    let value = r#"{"sub_type":"BUTTON_CLICK_EVENT","ip":"10.1.2.3","client_timestamp":1769860800000,"data":"x"}"#;
    let request = backend.client.post(format!("{}/topics/click-events", backend.url));
    let request = request.header("content-type", "application/vnd.kafka.json.v2+json");
    let answer = request.body(format!("{{\"records\":[{{\"value\":{value}}}]}}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(reader.fetch_watermarks(&clicks, 0, Duration::from_secs(10)).unwrap(), (0, 2));
}

#[tokio::test]
async fn without_a_broker_the_client_must_try_again() {
    let backend = Backend::start(&["--kafka-brokers", "127.0.0.1:9"]).await;
    let answer = backend.post("kafka", &[event(1)]).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert!(problem(answer).await.detail.contains("the Kafka broker cannot be reached"));
}

#[tokio::test]
async fn at_most_once_the_answer_waits_for_no_broker() {
    let backend = Backend::start(&["--kafka-brokers", "127.0.0.1:9", "--guarantee", "kafka=at-most-once"]).await;
    let reply = reply(backend.post("kafka", &[event(1)]).await).await;
    assert_eq!(reply.results[0].routes[Route::Kafka], Outcome::Accepted);
}
