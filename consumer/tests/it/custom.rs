//! Events of types of one's own: processed, booked and shown like all others, and a rule can name them.

use std::time::Duration;

use domain::api::{Processed, Snapshot};
use domain::{Event, Route};
use futures_util::StreamExt;
use rdkafka::Message;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::message::{Headers, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use runtime::testing::until;
use serde_json::json;

use crate::kafka::Broker;
use crate::live::{listen, next};
use crate::support::{Consumer, FakeMailer, event};
use crate::use_cases::{change, view};

const NAME: &str = "com.example.checkout-failed";

fn custom(event: Event) -> Event {
    Event { kind: NAME.parse().unwrap(), data: json!({"reason": "card"}).into(), ..event }
}

#[tokio::test]
async fn they_are_booked_shown_with_their_data_and_found_by_a_rule_that_names_them() {
    let mailer = FakeMailer::default();
    let url = mailer.start().await;
    let consumer = Consumer::start(&["--mailer-url", &url]).await;
    let (status, _) = change(&consumer, "steady-clicks", json!({"kind": NAME, "threshold": 2})).await;
    assert_eq!(status, 200);
    let about = view(&consumer, "steady-clicks").await.about;
    assert_eq!(about.trigger, "Events of type com.example.checkout-failed");

    let mut stream = listen(&consumer, None).await;
    consumer.deliver(&[custom(event(1)), event(2)]).await;
    let shown: Vec<Processed> = serde_json::from_str(&next(&mut stream, "events").await.data).unwrap();
    let shown: Vec<_> = shown.iter().map(|event| (event.kind.name(), event.data.as_deref())).collect();
    assert_eq!(shown, [(NAME, Some(r#"{"reason":"card"}"#)), ("ese.click-stream.button-click", None)]);
    let large = Event { data: json!("x".repeat(2_000)).into(), ..custom(event(3)) };
    consumer.deliver(&[large, custom(event(1))]).await;
    next(&mut stream, "events").await;
    let snapshot: Snapshot = serde_json::from_str(&listen(&consumer, None).await.next().await.unwrap().data).unwrap();
    let shown: Vec<_> = snapshot.events.iter().map(|event| (event.sequence, event.data.is_some())).collect();
    assert_eq!(shown[..3], [(Some(1), true), (Some(2), false), (Some(3), false)], "no large data on the stream");

    let balance = consumer.balance(Route::HttpPush).await;
    assert_eq!((balance.processed, balance.duplicates), (3, 1));
    until("the mail is there", async || !mailer.taken.lock().unwrap().is_empty()).await;
    let mail = mailer.taken.lock().unwrap()[0].clone();
    assert!(mail.content.contains("sent 2 events of type com.example.checkout-failed within"), "{}", mail.content);
    let found = view(&consumer, "steady-clicks").await;
    assert_eq!((found.found, found.results[0].event), ([(Route::HttpPush, 1)].into(), event(3).id));
}

#[tokio::test]
async fn a_rule_takes_no_name_that_can_be_no_type() {
    let consumer = Consumer::start(&[]).await;
    let (status, problem) = change(&consumer, "steady-clicks", json!({"kind": "com.example.*"})).await;
    let detail = problem["detail"].as_str().unwrap();
    assert!(status == 400 && detail.contains("or one of your own, such as com.example.order-paid"), "{detail}");
}

#[tokio::test]
async fn their_topic_is_followed_only_with_the_flag_also_by_a_consumer_that_ran_without_it() {
    let Some(broker) = Broker::find().await else { return };
    let topic = format!("custom-{}", broker.session);
    let send = async |value: &[u8], headers| {
        let record = FutureRecord::to(&topic).key("127.0.0.1").payload(value).headers(headers);
        broker.producer.send(record, Duration::from_secs(10)).await.unwrap();
    };
    let send_event =
        async |event: &Event| send(&domain::kafka_record::value(event), runtime::kafka::headers(event)).await;
    let without = ["--kafka-brokers", &broker.address, "--kafka-group", &topic, "--custom-topic", &topic];
    let with = [&without[..], &["--event-types", "com.example.*"]].concat();

    let first = Consumer::start(&without).await;
    broker.produce(&broker.event(1)).await;
    until("a known one is processed", async || broker.processed(&first).await == (1, 0)).await;
    runtime::kafka::ensure_topics(&broker.address, &[runtime::kafka::Topic::new(&topic, 1)]).await.unwrap();
    send_event(&custom(broker.event(2))).await;
    broker.produce(&broker.event(3)).await;
    until("only the known ones are processed", async || broker.processed(&first).await == (2, 0)).await;

    let second = Consumer::start_in(first.stop().await, &with).await;
    until("what waited in the topic is processed", async || broker.processed(&second).await == (3, 0)).await;
    // Not the backend's flag, but the form decides here; what is no event goes to the topic's dead letters.
    let other = Event { kind: "org.shop.sold".parse().unwrap(), ..broker.event(4) };
    send_event(&other).await;
    send(b"{}", OwnedHeaders::new()).await;
    send_event(&custom(broker.event(5))).await;
    until("the later ones are processed", async || broker.processed(&second).await == (5, 0)).await;
    let reader: StreamConsumer =
        runtime::kafka::consumer(&broker.address, &format!("{topic}-letters"), None).create().unwrap();
    reader.subscribe(&[&format!("{topic}.dlq")]).unwrap();
    let letter = tokio::time::timeout(Duration::from_secs(30), reader.recv()).await.expect("a dead letter").unwrap();
    let reason = letter.headers().unwrap().iter().find(|header| header.key == "dlq-reason").unwrap().value.unwrap();
    assert!(reason.starts_with(b"the value is not the JSON expected"), "{}", String::from_utf8_lossy(reason));
}
