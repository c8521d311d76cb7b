//! Several consumer processes of one group on one PostgreSQL: members come, go and are killed, and every event is in the
//! ledger once.
//!
//! Needs ESE_TEST_BROKER and ESE_TEST_POSTGRES.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::api::LedgerView;
use domain::kafka_record::value;
use domain::topics::PARTITIONS;
use domain::{Event, Route, SessionId, Source};
use rdkafka::producer::FutureRecord;
use runtime::kafka::{DebugLog, Producer, headers};
use runtime::testing::{self, new_postgres, until};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AnyConnection, Connection, Executor};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::support::event;

/// How many sessions, each with a key of its own so that all partitions have work.
const SESSIONS: u64 = 12;
/// How many events of each session in one wave.
const WAVE: u64 = 100;

/// A consumer as a process of its own.
struct Member {
    process: Child,
    url: String,
    /// The messages of its log, with their errors.
    log: Arc<Mutex<Vec<String>>>,
}

impl Member {
    async fn start(database: &str, broker: &str, group: &str) -> Self {
        let nobody = "http://127.0.0.1:9";
        let mut process = Command::new(env!("CARGO_BIN_EXE_consumer"))
            .args(["--listen", "127.0.0.1:0", "--log-format", "json", "--database-url", database])
            .args(["--backend-url", nobody, "--mailer-url", nobody, "--kafka-brokers", broker, "--kafka-group", group])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = loop {
            let line: serde_json::Value = serde_json::from_str(&log.next_line().await.unwrap().unwrap()).unwrap();
            if line["message"] == "listening" {
                break format!("http://{}", line["address"].as_str().unwrap());
            }
        };
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        Self { process, url, log: lines }
    }

    /// How many lines of its log contain this text.
    fn logged(&self, text: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }

    async fn ledger(&self) -> LedgerView {
        reqwest::get(format!("{}/api/ledger?limit=1000", self.url)).await.unwrap().json().await.unwrap()
    }

    /// Ends it as an operator does.
    async fn stop(mut self) {
        let id = Pid::from_raw(self.process.id().unwrap().cast_signed()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        assert!(self.process.wait().await.unwrap().success());
    }

    async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

/// A test that fails shows what its members logged about Kafka.
impl Drop for Member {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log.lock().unwrap();
            log.iter().filter(|line| line.contains("kafka")).for_each(|line| println!("{}: {line}", self.url));
        }
    }
}

struct Group {
    broker: String,
    database: String,
    name: String,
    producer: Producer,
    sessions: Vec<SessionId>,
}

impl Group {
    fn new(broker: String, database: String) -> Self {
        let name = format!("rebalance-{}", Uuid::new_v4());
        let producer =
            runtime::kafka::producer(&broker, Duration::from_secs(10)).create_with_context(DebugLog).unwrap();
        let sessions = (0..SESSIONS).map(|_| SessionId(Uuid::new_v4())).collect();
        Self { broker, database, name, producer, sessions }
    }

    /// A group whose one member has processed the first wave; none without the servers for tests.
    async fn with_one_member() -> Option<(Self, Member)> {
        let group = Self::new(testing::broker()?, new_postgres("rebalance").await?);
        let first = group.join().await;
        group.wave(1).await;
        group.has(&first, WAVE).await;
        Some((group, first))
    }

    async fn join(&self) -> Member {
        Member::start(&self.database, &self.broker, &self.name).await
    }

    /// Events `first..first + WAVE` of every session.
    async fn wave(&self, first: u64) {
        for sequence in first..first + WAVE {
            // Every partition gets events, so that every member has work.
            let sent = self.sessions.iter().zip((0..PARTITIONS).cycle()).map(async |(&session, partition)| {
                let key = format!("10.0.0.{}", session.0.as_u128() % 250);
                let event = Event { source: Source::Session(session), partitionkey: key.clone(), ..event(sequence) };
                let value = value(&event);
                let record = FutureRecord::to("click-events").partition(partition).key(&key).payload(&*value);
                let record = record.headers(headers(&event));
                self.producer.send(record, Duration::from_secs(10)).await.unwrap();
            });
            futures_util::future::join_all(sent).await;
        }
    }

    /// A connection to the consumers' database.
    async fn connect(&self) -> AnyConnection {
        AnyConnection::connect(&self.database).await.unwrap()
    }

    /// Executes a statement in the consumers' database.
    async fn execute(&self, sql: &'static str) {
        self.connect().await.execute(sql).await.unwrap();
    }

    async fn has(&self, consumer: &Member, each: u64) {
        until(&format!("{each} events of each session are in the ledger"), async || {
            let views = consumer.ledger().await.sessions;
            let of_group =
                views.iter().filter(|view| self.sessions.contains(&view.session) && view.route == Route::Kafka);
            of_group.filter(|view| view.balance.processed == each).count() as u64 == SESSIONS
        })
        .await;
        // The topics are shared: other tests may send an event twice on purpose.
        let views = consumer.ledger().await.sessions;
        for view in views.into_iter().filter(|view| self.sessions.contains(&view.session)) {
            assert_eq!(view.balance.duplicates, 0, "an event of {} was taken twice", view.session);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_every_event_counts_once() {
    let (Some(broker), Some(database)) = (testing::broker(), new_postgres("rebalance").await) else {
        return;
    };
    let group = Group::new(broker, database);
    let first = group.join().await;
    let (second, ()) = tokio::join!(group.join(), group.wave(1));
    group.has(&first, WAVE).await;
    let (third, ()) = tokio::join!(group.join(), group.wave(WAVE + 1));
    // One leaves properly in the middle of a wave, the others take over.
    let (_, ()) = tokio::join!(second.stop(), group.wave(2 * WAVE + 1));
    group.has(&third, 3 * WAVE).await;
    // Another is killed in the middle of one.
    let (_, ()) = tokio::join!(first.kill(), group.wave(3 * WAVE + 1));
    group.has(&third, 4 * WAVE).await;
    third.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_during_a_failing_batch_neither_skips_nor_repeats_an_event() {
    const FAILED: &str = "a batch from Kafka had no effect";
    const ASSIGNED: &str = "the group assigned partitions";
    let Some((group, first)) = Group::with_one_member().await else { return };

    // Every batch fails from here on: it can read the positions, but not write.
    group.execute("ALTER TABLE accounts RENAME TO accounts_away").await;
    group.wave(WAVE + 1).await;
    until("a batch failed", async || first.logged(FAILED) > 0).await;
    // Members join and leave while batches fail: each time the first one loses its partitions during a batch.
    for _ in 0..3 {
        let assigned = first.logged(ASSIGNED);
        let other = group.join().await;
        until("the first member has new partitions", async || first.logged(ASSIGNED) > assigned).await;
        until("the other member has some, and fails as well", async || other.logged(FAILED) > 0).await;
        other.stop().await;
        until("the first member has all of them again", async || first.logged(ASSIGNED) > assigned + 1).await;
        let failed = first.logged(FAILED);
        until("it goes on trying", async || first.logged(FAILED) > failed).await;
    }
    group.execute("ALTER TABLE accounts_away RENAME TO accounts").await;
    group.has(&first, 2 * WAVE).await;
    group.wave(2 * WAVE + 1).await;
    group.has(&first, 3 * WAVE).await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_hangs_delays_neither_a_rebalance_nor_a_stop_for_long() {
    let Some((group, first)) = Group::with_one_member().await else { return };
    // Every batch waits for this lock.
    let mut holder = group.connect().await;
    holder.execute("BEGIN; LOCK TABLE accounts IN EXCLUSIVE MODE").await.unwrap();
    let waits = async || {
        let sql = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts'::regclass";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut group.connect().await).await.unwrap() > 0
    };
    group.wave(WAVE + 1).await;
    until("a batch waits", waits).await;
    let other = group.join().await;
    until("the other member has partitions", async || other.logged("the group assigned partitions") > 0).await;
    until("the batches of both wait", async || waits().await && first.logged("the group assigned partitions") > 1)
        .await;
    first.stop().await;
    holder.execute("ROLLBACK").await.unwrap();
    group.has(&other, 2 * WAVE).await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_cannot_read_its_positions_logs_it() {
    let Some((group, first)) = Group::with_one_member().await else { return };
    group.execute("ALTER TABLE positions RENAME TO positions_away").await;
    let _other = group.join().await;
    until("the first has logged it", async || first.logged("the stored positions cannot be read") > 0).await;
}
