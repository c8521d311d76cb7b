//! The one step on both databases: a batch has the effects of its events one by one, and steps never deadlock.

use std::sync::Arc;

use consumer::live::Live;
use consumer::process::{Batch, Process, ProcessError, ReceivedEvent};
use consumer::store::MIGRATIONS;
use consumer::store::positions::{self, Move};
use consumer::use_cases::UseCases;
use domain::ledger::Seen;
use domain::{Event, Kind, Route, SessionId, Source, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use runtime::database::{self, Database};
use runtime::testing::new_postgres;
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::support::{event, press};

/// The sessions of these tests.
const SESSIONS: u128 = 120;

pub(crate) async fn open(url: &str) -> (Database, Process) {
    let database = database::open(url, &MIGRATIONS).await.unwrap();
    let use_cases = UseCases::new("ese@example.com", "operator@example.com");
    let live = Arc::new(Live::new("run-".to_owned()));
    (database.clone(), Process::new(database, Default::default(), use_cases, live))
}

pub(crate) fn of_session(number: u128, event: Event) -> Event {
    let session = Uuid::from_u128(number);
    let id = Uuid::new_v5(&session, &event.sequence.unwrap_or_default().to_be_bytes());
    Event { id, source: Source::Session(SessionId(session)), partitionkey: format!("10.0.0.{number}"), ..event }
}

pub(crate) fn batch(route: Route, events: Vec<Event>, moves: Vec<Move>) -> Batch {
    let arrived = |event| ReceivedEvent { event, arrived: Timestamp::default(), position: None };
    Batch { route, events: events.into_iter().map(arrived).collect(), moves }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let kinds = [Kind::KeyPress, Kind::KeyPress, Kind::OrderCreated, Kind::OrderCompleted, Kind::ButtonClick];
    let one = (1..4u128, 1..9u64, prop::sample::select(kinds.to_vec()), 0..3u64, prop::bool::weighted(0.1));
    let one = one.prop_map(|(session, sequence, kind, order, unnumbered)| {
        let event = Event { kind: kind.into(), data: json!({"order": format!("A-{order}")}).into(), ..event(sequence) };
        let event = of_session(session, Event { time: event.time.plus_millis(300 * sequence.cast_signed()), ..event });
        match unnumbered {
            true => Event { source: serde_json::from_value(json!("/event")).unwrap(), sequence: None, ..event },
            false => event,
        }
    });
    prop::collection::vec(one, 1..40)
}

/// All stored data of a route, without times of the consumer's clock.
async fn held(database: &Database, route: Route) -> Vec<String> {
    let queries = [
        "SELECT session || ' ' || processed || ' ' || duplicates || ' ' || reordered || ' ' || emitted_count || ' ' ||
         processed_count || ' ' || in_flight_count || ' ' || missing_count || ' ' || residual FROM accounts
         WHERE route = $1 ORDER BY session",
        "SELECT use_case || ' ' || rule_key || ' ' || state || ' ' || due_at FROM rule_states
         WHERE route = $1 ORDER BY use_case, rule_key",
        "SELECT CAST(processed AS TEXT) FROM unnumbered WHERE route = $1",
        "SELECT 'mail ' || use_case FROM alerts JOIN outbox ON outbox.id = alerts.id WHERE route = $1 ORDER BY use_case",
    ];
    let mut held = Vec::new();
    for query in queries {
        let rows = sqlx::query(query).bind(route.name()).fetch_all(&database.reader).await.unwrap();
        held.extend(rows.iter().map(|row| row.try_get::<String, _>(0).unwrap()));
    }
    held
}

fn a_batch_has_the_effects_of_its_events_one_by_one(url: &str, cases: u32) {
    let runtime = Runtime::new().unwrap();
    let (database, process) = runtime.block_on(open(url));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let compare = async |events: Vec<Event>| {
        for table in ["accounts", "rule_states", "unnumbered", "alerts", "outbox"] {
            database.writer.execute(AssertSqlSafe(format!("DELETE FROM {table}"))).await.unwrap();
        }
        let mut one_by_one = Vec::new();
        for event in &events {
            one_by_one.extend(process.run(batch(Route::Kafka, vec![event.clone()], Vec::new())).await.unwrap());
        }
        let at_once: Vec<Seen> = process.run(batch(Route::HttpPoll, events, Vec::new())).await.unwrap();
        prop_assert_eq!(at_once, one_by_one);
        prop_assert_eq!(held(&database, Route::HttpPoll).await, held(&database, Route::Kafka).await);
        Ok(())
    };
    runner.run(&events(), |events| runtime.block_on(compare(events))).unwrap();
}

#[test]
fn a_batch_has_the_effects_of_its_events_one_by_one_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/consumer.db", directory.path().display());
    a_batch_has_the_effects_of_its_events_one_by_one(&url, 30);
}

#[test]
fn a_batch_has_the_effects_of_its_events_one_by_one_on_postgresql() {
    let Some(url) = Runtime::new().unwrap().block_on(new_postgres("step")) else { return };
    a_batch_has_the_effects_of_its_events_one_by_one(&url, 20);
}

fn moves(from: i64, to: i64) -> Vec<Move> {
    (0..6).map(|number| Move { source: format!("topic/{number}"), from, to }).collect()
}

async fn one_position_that_moved_drops_the_whole_batch(url: &str) {
    let (database, process) = open(url).await;
    process.run(batch(Route::Kafka, vec![event(1)], moves(0, 10))).await.unwrap();
    let other = vec![Move { source: "topic/3".to_owned(), from: 10, to: 11 }];
    process.run(batch(Route::Kafka, vec![event(2)], other)).await.unwrap();
    let dropped = process.run(batch(Route::Kafka, vec![event(3)], moves(10, 20))).await;
    assert!(matches!(dropped, Err(ProcessError::Moved(source)) if source == "topic/3"));
    for (source, position) in [("topic/2", 10), ("topic/3", 11)] {
        assert_eq!(positions::load(&database.reader, source).await.unwrap(), Some(position), "{source}");
    }
    assert!(held(&database, Route::Kafka).await[0].contains(" 1-2 "), "the third event had no effect");
}

#[tokio::test]
async fn one_position_that_moved_drops_the_whole_batch_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    one_position_that_moved_drops_the_whole_batch(&format!("sqlite://{}/consumer.db", directory.path().display()))
        .await;
}

#[tokio::test]
async fn one_position_that_moved_drops_the_whole_batch_on_postgresql() {
    let Some(url) = new_postgres("moved").await else { return };
    one_position_that_moved_drops_the_whole_batch(&url).await;
}

#[tokio::test]
async fn a_batch_may_have_more_sessions_than_fit_into_one_statement() {
    let directory = tempfile::tempdir().unwrap();
    let (database, process) = open(&format!("sqlite://{}/consumer.db", directory.path().display())).await;
    // A statement takes 32,766 values, and a session's ledger has 21.
    let events: Vec<Event> = (1..=4000).map(|session| of_session(session, press(1))).collect();
    process.run(batch(Route::Kafka, events, Vec::new())).await.unwrap();
    assert_eq!(held(&database, Route::Kafka).await.len(), 2 * 4000, "a ledger and a memory of each");
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_with_the_same_sessions_never_deadlock_on_postgresql() {
    let Some(url) = new_postgres("deadlock").await else { return };
    let (database, process) = open(&url).await;
    let process = Arc::new(process);
    let tasks = [0, 1, 2, 3].map(|task| {
        let process = process.clone();
        tokio::spawn(async move {
            let mut sent = 0;
            for step in 0..100 {
                let some = Uuid::new_v4().as_u128();
                let sessions = (0..SESSIONS).filter(|session| (some >> session) & 1 == 1);
                let sequence = 4 * step + task + 1;
                let mut events: Vec<Event> = sessions.map(|session| of_session(session, press(sequence))).collect();
                if task % 2 == 1 {
                    events.reverse();
                }
                sent += events.len() as u64;
                process.run(batch(Route::HttpPush, events, Vec::new())).await.unwrap();
            }
            sent
        })
    });
    let mut sent = 0;
    for task in tasks {
        sent += task.await.unwrap();
    }
    let sql = "SELECT CAST(SUM(processed_count) AS BIGINT) FROM accounts";
    let processed: i64 = sqlx::query_scalar(sql).fetch_one(&database.reader).await.unwrap();
    assert_eq!(processed.cast_unsigned(), sent, "no step overwrote another's entries");
}

#[tokio::test]
async fn due_memories_of_a_use_case_that_no_longer_exists_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (database, process) = open(&format!("sqlite://{}/consumer.db", directory.path().display())).await;
    // As many as one transaction takes, and due before the memory of the order.
    for key in 0..500 {
        let row =
            "INSERT INTO rule_states (use_case, route, rule_key, state, due_at) VALUES ('gone', 'kafka', $1, '{}', 1)";
        sqlx::query(row).bind(key.to_string()).execute(&database.writer).await.unwrap();
    }
    let created = Event { kind: Kind::OrderCreated.into(), data: json!({"order": "A-1"}).into(), ..event(1) };
    process.run(batch(Route::Kafka, vec![created], Vec::new())).await.unwrap();
    let deciding = process.decide(Route::Kafka, Timestamp::from_millis(2_000_000_000_000));
    tokio::time::timeout(std::time::Duration::from_secs(20), deciding).await.expect("it ends").unwrap();
    let mails = held(&database, Route::Kafka).await.into_iter().filter(|row| row == "mail stuck-orders").count();
    assert_eq!(mails, 1);
}
