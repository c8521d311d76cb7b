//! The number of statements: a step's do not grow with its sessions and keys.
//!
//! A program of its own, because it counts the statements of the whole process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use consumer::live::Live;
use consumer::process::{Batch, Process, ReceivedEvent};
use consumer::store::MIGRATIONS;
use consumer::store::positions::Move;
use consumer::use_cases::UseCases;
use domain::{Event, Route, Timestamp};
use futures_util::future::join_all;
use runtime::database::{self, Database};
use serde_json::json;
use tokio::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);
static SCANS: AtomicUsize = AtomicUsize::new(0);

/// Held by the test that counts.
static COUNTING: LazyLock<Mutex<()>> = LazyLock::new(|| {
    tracing_subscriber::registry().with(Counter).init();
    Mutex::default()
});

/// Counts what sqlx logs: each statement once.
struct Counter;

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // A pool opens a connection when it likes to, and then sets it up.
        STATEMENTS.fetch_add(usize::from(!statement.sets_up), Ordering::SeqCst);
        SCANS.fetch_add(usize::from(statement.scans), Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Statement {
    /// Whether it reads all accounts.
    scans: bool,
    /// Whether it sets up a connection.
    sets_up: bool,
}

impl Visit for Statement {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        self.scans |= text.contains("FROM accounts");
        self.sets_up |= text.contains("set_config") || text.contains("PRAGMA");
    }
}

/// An event of session `number`, whose address is of that session alone.
fn event(number: u128, sequence: u64, kind: &str) -> Event {
    let session = Uuid::from_u128(number);
    serde_json::from_value(json!({
        "id": Uuid::new_v5(&session, &sequence.to_be_bytes()), "source": format!("/sessions/{session}"), "type": kind,
        "time": "2026-01-31T12:00:00Z", "sequence": sequence.to_string(), "partitionkey": format!("10.0.0.{number}"),
        "receivedtime": "2026-01-31T12:00:00Z", "data": {"order": "A-1"}
    }))
    .unwrap()
}

/// A step with work for every table: three presses make an alert and a mail, an order is remembered until it is due.
fn batch(sessions: u128, first: u64) -> Batch {
    let kinds =
        ["ese.click-stream.key-press", "ese.click-stream.key-press", "ese.click-stream.key-press", "ese.order.created"];
    let events =
        (1..=sessions).flat_map(|session| (first..).zip(kinds).map(move |(number, kind)| event(session, number, kind)));
    let events = events.map(|event| ReceivedEvent { event, arrived: Timestamp::default(), position: None });
    let positions =
        |number| Move { source: format!("topic/{number}"), from: first.cast_signed(), to: (first + 4).cast_signed() };
    Batch { route: Route::Kafka, events: events.collect(), moves: (0..6).map(positions).collect() }
}

async fn open(url: &str) -> (Database, Process, Arc<Live>) {
    let database = database::open(url, &MIGRATIONS).await.unwrap();
    let live = Arc::new(Live::new("run-".to_owned()));
    let use_cases = UseCases::new("ese@example.com", "operator@example.com");
    (database.clone(), Process::new(database, Default::default(), use_cases, live.clone()), live)
}

async fn counted(process: &Process, batch: Batch) -> usize {
    let before = STATEMENTS.load(Ordering::SeqCst);
    process.run(batch).await.unwrap();
    // SQLite's thread may log its last statement after it has answered.
    loop {
        let now = STATEMENTS.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(400)).await;
        if now == STATEMENTS.load(Ordering::SeqCst) {
            return now - before;
        }
    }
}

async fn a_large_step_takes_as_many_statements_as_a_small_one(url: &str) {
    let (_, process, _) = open(url).await;
    counted(&process, batch(1, 1)).await;
    let small = counted(&process, batch(1, 5)).await;
    assert!(small > 8, "{small} statements: they are not counted");
    assert_eq!(counted(&process, batch(100, 9)).await, small, "99 of the sessions are new");
    assert_eq!(counted(&process, batch(100, 13)).await, small, "all sessions are known");
}

#[tokio::test]
async fn a_large_step_takes_as_many_statements_as_a_small_one_on_sqlite() {
    let _counting = COUNTING.lock().await;
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/consumer.db", directory.path().display());
    a_large_step_takes_as_many_statements_as_a_small_one(&url).await;
}

#[tokio::test]
async fn a_large_step_takes_as_many_statements_as_a_small_one_on_postgresql() {
    let Some(url) = runtime::testing::new_postgres("statements").await else { return };
    let _counting = COUNTING.lock().await;
    a_large_step_takes_as_many_statements_as_a_small_one(&url).await;
}

#[tokio::test]
async fn pages_that_open_at_the_same_time_share_one_reading_of_the_ledger() {
    let _counting = COUNTING.lock().await;
    let directory = tempfile::tempdir().unwrap();
    let (database, process, live) = open(&format!("sqlite://{}/consumer.db", directory.path().display())).await;
    process.run(batch(10, 1)).await.unwrap();
    let before = SCANS.load(Ordering::SeqCst);
    let snapshots = join_all((0..256).map(|_| live.snapshot(&database))).await;
    assert!(snapshots.iter().all(Result::is_ok));
    let scans = SCANS.load(Ordering::SeqCst) - before;
    assert!((1..=3).contains(&scans), "{scans} readings of the ledger for 256 pages");
}
