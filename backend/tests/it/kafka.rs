//! kafka: accepted after the delivery report; the record fits the contract. Needs ESE_TEST_BROKER.

use std::time::Duration;

use domain::api::Outcome;
use domain::record::{Attributes, event_from_record};
use domain::{Event, Route};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Headers;

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
