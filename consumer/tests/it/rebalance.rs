//! Several consumers of one group on one PostgreSQL: whoever comes and goes, every event is in the books once.
//! Needs ESE_TEST_BROKER and ESE_TEST_POSTGRES.

use std::time::Duration;

use domain::record::{RecordValue, attributes};
use domain::{Event, Route, SessionId, Source};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use runtime::kafka::{Producer, Quiet};
use sqlx::{AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

use crate::support::{Consumer, event, until};

/// How many sessions, each with a key of its own so that all partitions have work.
const SESSIONS: u64 = 12;
/// How many events of each session in one wave.
const WAVE: u64 = 100;

struct Group {
    broker: String,
    database: String,
    name: String,
    producer: Producer,
    sessions: Vec<SessionId>,
}

impl Group {
    async fn new(broker: String, server: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = format!("rebalance_{}", Uuid::new_v4().simple());
        let mut connection = sqlx::AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let producer = runtime::kafka::producer(&broker, Duration::from_secs(10)).create_with_context(Quiet).unwrap();
        let sessions = (0..SESSIONS).map(|_| SessionId(Uuid::new_v4())).collect();
        Self { broker, database: format!("{server}/{name}"), name, producer, sessions }
    }

    async fn join(&self) -> Consumer {
        Consumer::start_on(&self.database, &["--kafka-brokers", &self.broker, "--kafka-group", &self.name]).await
    }

    /// Events `first..first + WAVE` of every session.
    async fn wave(&self, first: u64) {
        for sequence in first..first + WAVE {
            let sent = self.sessions.iter().map(async |&session| {
                let key = format!("10.0.0.{}", session.0.as_u128() % 250);
                let event = Event { source: Source::Session(session), partitionkey: key.clone(), ..event(sequence) };
                let headers = attributes(&event).into_iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
                    headers.insert(Header { key: &format!("ce_{name}"), value: Some(&value) })
                });
                let value = serde_json::to_vec(&RecordValue::of(&event)).unwrap();
                let record = FutureRecord::to("click-events").key(&key).payload(&value).headers(headers);
                self.producer.send(record, Duration::from_secs(10)).await.unwrap();
            });
            futures_util::future::join_all(sent).await;
        }
    }

    async fn has(&self, consumer: &Consumer, each: u64) {
        until(&format!("{each} events of each session are in the books"), async || {
            let views = consumer.ledger().await.sessions;
            let of_group =
                views.iter().filter(|view| self.sessions.contains(&view.session) && view.route == Route::Kafka);
            of_group.filter(|view| view.balance.processed == each).count() as u64 == SESSIONS
        })
        .await;
        for view in consumer.ledger().await.sessions {
            assert_eq!(view.balance.duplicates, 0, "an event of {} was taken twice", view.session);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_every_event_counts_once() {
    let (Some(broker), Some(server)) = (runtime::kafka::test_broker(), runtime::database::test_postgres()) else {
        return;
    };
    let group = Group::new(broker, &server).await;
    let first = group.join().await;
    let (second, ()) = tokio::join!(group.join(), group.wave(1));
    group.has(&first, WAVE).await;
    let (third, ()) = tokio::join!(group.join(), group.wave(WAVE + 1));
    // One leaves properly in the middle of a wave, the others take over.
    let (_, ()) = tokio::join!(second.stop(), group.wave(2 * WAVE + 1));
    group.has(&third, 3 * WAVE).await;
    first.stop().await;
    group.wave(3 * WAVE + 1).await;
    group.has(&third, 4 * WAVE).await;
}
