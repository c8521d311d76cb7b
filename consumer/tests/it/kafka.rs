//! kafka: positions from the database, records of other producers, poison. Needs ESE_TEST_BROKER.

use std::time::Duration;

use domain::api::Snapshot;
use domain::{Event, Route};
use futures_util::StreamExt;
use rdkafka::Message;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::message::{Headers, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use runtime::kafka::{Topic, ensure_topics};
use runtime::testing::until;

use crate::support::{Consumer, press};

pub(crate) struct Broker {
    pub(crate) address: String,
    pub(crate) producer: FutureProducer,
    /// A session of this test's own: the topics are shared by all tests.
    pub(crate) session: uuid::Uuid,
}

impl Broker {
    pub(crate) async fn find() -> Option<Self> {
        let address = runtime::testing::broker()?;
        let producer = runtime::kafka::producer(&address, Duration::from_secs(10)).create().unwrap();
        Some(Self { address, producer, session: uuid::Uuid::new_v4() })
    }

    async fn consumer(&self, directory: Option<tempfile::TempDir>) -> Consumer {
        let group = format!("test-{}", uuid::Uuid::new_v4());
        let flags = ["--kafka-brokers", &self.address, "--kafka-group", &group];
        let directory = directory.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let consumer = Consumer::start_in(directory, &flags).await;
        let url = format!("{}/readyz", consumer.url);
        until("the consumer is ready", async || consumer.client.get(&url).send().await.is_ok()).await;
        consumer
    }

    pub(crate) fn event(&self, sequence: u64) -> Event {
        let source = domain::Source::Session(domain::SessionId(self.session));
        Event { source, id: uuid::Uuid::new_v4(), ..press(sequence) }
    }

    pub(crate) async fn produce(&self, event: &Event) {
        self.send(&domain::kafka_record::value(event), runtime::kafka::headers(event)).await;
    }

    async fn send(&self, value: &[u8], headers: OwnedHeaders) {
        let record = FutureRecord::to("click-events").key("127.0.0.1").payload(value).headers(headers);
        self.producer.send(record, Duration::from_secs(10)).await.unwrap();
    }

    pub(crate) async fn processed(&self, consumer: &Consumer) -> (u64, u64) {
        let of_session = consumer.ledger().await.sessions.into_iter().find(|view| view.session.0 == self.session);
        of_session.map_or((0, 0), |view| (view.balance.processed, view.balance.duplicates))
    }
}

#[tokio::test]
async fn a_new_member_goes_on_at_the_databases_position_not_the_brokers() {
    let Some(broker) = Broker::find().await else { return };
    let first = broker.consumer(None).await;
    for sequence in 1..=20 {
        broker.produce(&broker.event(sequence)).await;
    }
    until("all are processed", async || broker.processed(&first).await == (20, 0)).await;
    let directory = first.stop().await;
    broker.produce(&broker.event(21)).await;
    // A new group: the broker would begin at the beginning.
    let second = broker.consumer(Some(directory)).await;
    until("the new one is processed", async || broker.processed(&second).await == (21, 0)).await;
}

#[tokio::test]
async fn the_topics_have_the_names_of_the_user_and_one_that_exists_keeps_its_partitions() {
    let Some(broker) = Broker::find().await else { return };
    let topic = format!("events-{}", broker.session);
    ensure_topics(&broker.address, &[Topic::new(&topic, 5)]).await.unwrap();
    let send = async |sequence, partition| {
        let event = broker.event(sequence);
        let (value, headers) = (domain::kafka_record::value(&event), runtime::kafka::headers(&event));
        let record = FutureRecord::to(&topic).partition(partition).key("127.0.0.1").payload(&*value).headers(headers);
        broker.producer.send(record, Duration::from_secs(10)).await.unwrap();
    };
    for (sequence, partition) in [(1, 0), (2, 4)] {
        send(sequence, partition).await;
    }
    // One topic may hold both sorts of events.
    let names = ["--click-topic", &topic, "--order-topic", &topic];
    let kafka = ["--kafka-brokers", &broker.address, "--kafka-group", &topic];
    let consumer = Consumer::start(&[&kafka[..], &names[..]].concat()).await;
    until("both are processed", async || broker.processed(&consumer).await == (2, 0)).await;
}

#[tokio::test]
async fn a_topic_of_events_cannot_hold_the_mail_requests() {
    let mut consumer = Consumer::start(&["--kafka-brokers", "127.0.0.1:9", "--mail-topic", "order-events"]).await;
    let error = consumer.ended().await.unwrap_err().to_string();
    assert!(error.starts_with("--mail-topic order-events is a topic of events"), "{error}");
}

#[tokio::test]
async fn a_fenced_member_joins_again_under_its_name() {
    let Some(broker) = Broker::find().await else { return };
    let name = format!("test-{}", broker.session);
    let flags = ["--kafka-brokers", &broker.address, "--kafka-group", &name, "--kafka-instance", &name];
    let consumer = Consumer::start_in(tempfile::tempdir().unwrap(), &flags).await;
    broker.produce(&broker.event(1)).await;
    until("the first is processed", async || broker.processed(&consumer).await == (1, 0)).await;

    // Another client with the name takes the place in the group; the broker then refuses the first one for good.
    let other: StreamConsumer = runtime::kafka::consumer(&broker.address, &name, Some(&name)).create().unwrap();
    other.subscribe(&["click-events"]).unwrap();
    let fenced = async {
        let fatal = |error: &rdkafka::error::KafkaError| {
            error.rdkafka_error_code() == Some(rdkafka::types::RDKafkaErrorCode::FencedInstanceId)
        };
        // The consumer takes its place back, which ends the other one.
        while !other.recv().await.is_err_and(|error| fatal(&error)) {}
    };
    tokio::time::timeout(Duration::from_secs(30), fenced).await.expect("the consumer joins again");
    broker.produce(&broker.event(2)).await;
    until("the second is processed", async || broker.processed(&consumer).await == (2, 0)).await;
}

#[tokio::test]
async fn one_of_two_processes_with_one_name_ends_with_an_error() {
    let Some(broker) = Broker::find().await else { return };
    let name = format!("test-{}", broker.session);
    let flags = ["--kafka-brokers", &broker.address, "--kafka-group", &name, "--kafka-instance", &name];
    let (mut first, mut second) = (Consumer::start(&flags).await, Consumer::start(&flags).await);
    let ended = async {
        tokio::select! {
            result = first.ended() => (result, &second),
            result = second.ended() => (result, &first),
        }
    };
    let (result, other) = tokio::time::timeout(Duration::from_secs(40), ended).await.expect("one of them ends");
    let error = format!("{:#}", result.unwrap_err());
    assert!(error.contains(&format!("under the name `{name}`")) && error.contains("--kafka-instance"), "{error}");
    broker.produce(&broker.event(1)).await;
    until("the other one processes", async || broker.processed(other).await == (1, 0)).await;
}

#[tokio::test]
async fn poison_goes_to_the_dead_letters_and_later_records_are_processed() {
    let Some(broker) = Broker::find().await else { return };
    let consumer = broker.consumer(None).await;
    broker.produce(&broker.event(1)).await;
    let poison = format!("poison of {}", broker.session);
    broker.send(poison.as_bytes(), OwnedHeaders::new()).await;
    broker.produce(&broker.event(2)).await;
    until("both good ones are processed", async || broker.processed(&consumer).await == (2, 0)).await;

    let reader: StreamConsumer = runtime::kafka::consumer(&broker.address, "dead-letter-test", None).create().unwrap();
    reader.subscribe(&["click-events.dlq"]).unwrap();
    let find = async {
        loop {
            let dead_letter = reader.recv().await.unwrap();
            if dead_letter.payload() == Some(poison.as_bytes()) {
                let headers = dead_letter.headers().unwrap();
                let header = |key| headers.iter().find(|header| header.key == key).unwrap().value.unwrap();
                assert_eq!(header("dlq-topic"), b"click-events");
                return String::from_utf8(header("dlq-reason").to_vec()).unwrap();
            }
        }
    };
    let reason = tokio::time::timeout(Duration::from_secs(30), find).await.expect("the dead letter is there");
    assert!(reason.starts_with("the value is not the JSON expected"), "{reason}");
}

#[tokio::test]
async fn poison_that_no_dead_letter_can_hold_stops_nothing() {
    let Some(broker) = Broker::find().await else { return };
    let consumer = broker.consumer(None).await;
    // Below the producer's limit of a million bytes, but not together with the headers of a dead letter.
    broker.send(&vec![b'x'; 999_950], OwnedHeaders::new()).await;
    broker.produce(&broker.event(1)).await;
    until("the event after it is processed", async || broker.processed(&consumer).await == (1, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_poison_is_taken_in_batches_and_does_not_delay_a_stop() {
    const FLOOD: usize = 1500;
    let Some(broker) = Broker::find().await else { return };
    let poison = format!("flood of {}", broker.session);
    let sent = (0..FLOOD).map(|_| broker.send(poison.as_bytes(), OwnedHeaders::new()));
    futures_util::future::join_all(sent).await;
    let reader: StreamConsumer = runtime::kafka::consumer(&broker.address, "flood-test", None).create().unwrap();
    let dead_letters = async || {
        let high = reader.fetch_watermarks("click-events.dlq", 0, Duration::from_secs(10));
        high.map_or(0, |(_, high)| high)
    };
    let before = dead_letters().await;
    let group = format!("test-{}", uuid::Uuid::new_v4());
    let flags = ["--kafka-brokers", &broker.address, "--kafka-group", &group, "--grace", "3"];
    let consumer = Consumer::start(&flags).await;
    until("the first poison is in the dead-letter topic", async || dead_letters().await > before).await;
    // It panics if the consumer does not stop within its grace time.
    let directory = consumer.stop().await;
    let consumer = Consumer::start_in(directory, &flags).await;
    broker.produce(&broker.event(1)).await;
    until("the event after the flood is processed", async || broker.processed(&consumer).await == (1, 0)).await;
}

#[tokio::test]
async fn a_plain_producers_records_are_processed_outside_the_ledger() {
    let Some(broker) = Broker::find().await else { return };
    let consumer = broker.consumer(None).await;
    let value =
        br#"{"sub_type":"BUTTON_CLICK_EVENT","ip":"10.1.2.3","client_timestamp":"2026-01-31T12:00:00Z","data":"x"}"#;
    // Its database is new: all its unnumbered events came from a plain producer.
    let unnumbered = async || {
        let first = crate::live::listen(&consumer, None).await.next().await.unwrap();
        let snapshot: Snapshot = serde_json::from_str(&first.data).unwrap();
        snapshot.stats.routes[Route::Kafka].unnumbered > 0
    };
    broker.send(value, OwnedHeaders::new()).await;
    until("it is processed", unnumbered).await;
}
