//! Pruning on both databases: sums stay, nothing that is needed goes, and steps go on beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use consumer::store::pruning::{Alerts, Ledgers, RuleStates};
use consumer::store::{MIGRATIONS, alerts, ledger};
use domain::ledger::Balance;
use domain::{ByRoute, Event, Kind, Route, Timestamp};
use runtime::clock;
use runtime::database::{self, Database};
use runtime::retention::{Prune, Retention, prune};
use runtime::testing::new_postgres;
use serde_json::json;
use uuid::Uuid;

use crate::step::{batch, of_session, open};
use crate::support::{event, press};

/// Runs each test on both databases.
macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let directory = tempfile::tempdir().unwrap();
                super::$test(&format!("sqlite://{}/consumer.db", directory.path().display())).await;
            })*
        }

        mod on_postgresql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let Some(url) = super::new_postgres("pruning").await else { return };
                super::$test(&url).await;
            })*
        }
    };
}

on_both_databases! {
    silent_ledgers_of_routes_that_were_empty_go_and_the_sums_stay,
    the_oldest_of_too_many_go,
    what_is_due_stays_and_alerts_stay_counted,
    steps_beside_pruning_lose_no_event,
    memories_of_an_old_database_are_as_old_as_its_latest_ledger,
}

const HOUR: Duration = Duration::from_secs(3600);

/// The ledgers, where Kafka was last seen empty at this moment.
fn ledgers(database: &Database, kafka: Timestamp) -> Ledgers {
    let routes = [(Route::HttpPush, Timestamp::MAX), (Route::HttpPoll, Timestamp::MAX), (Route::Kafka, kafka)];
    Ledgers { database: database.clone(), drained_at: routes.into() }
}

async fn sums(database: &Database) -> (ByRoute<Balance>, ByRoute<u64>) {
    ledger::sums(&database.reader, |_| Timestamp::MAX).await.unwrap()
}

/// The first event of so many sessions.
fn first_of(sessions: u128) -> Vec<Event> {
    (1..=sessions).map(|session| of_session(session, press(1))).collect()
}

async fn silent_ledgers_of_routes_that_were_empty_go_and_the_sums_stay(url: &str) {
    let (database, process) = open(url).await;
    // More than go in two transactions.
    process.run(batch(Route::Kafka, first_of(450), Vec::new())).await.unwrap();
    process.run(batch(Route::HttpPoll, [first_of(2), first_of(1)].concat(), Vec::new())).await.unwrap();
    let (before, none) = sums(&database).await;
    assert!(none.is_empty());
    let retention = Retention { ttl: HOUR, bytes: u64::MAX };
    let kept = prune(&ledgers(&database, Timestamp::MAX), retention, clock::now()).await.unwrap();
    assert_eq!(kept.rows, 452, "none is an hour old");

    let in_two_hours = clock::now().plus_millis(7_200_000);
    let kept = prune(&ledgers(&database, Timestamp::MIN), retention, in_two_hours).await.unwrap();
    assert_eq!(kept.rows, 450, "Kafka was never seen empty");
    let kept = prune(&ledgers(&database, in_two_hours), retention, in_two_hours).await.unwrap();
    assert_eq!((kept.rows, kept.bytes), (0, 0));
    assert_eq!(sums(&database).await, (before, [(Route::HttpPoll, 2), (Route::Kafka, 450)].into()));

    process.run(batch(Route::Kafka, vec![of_session(1, press(2))], Vec::new())).await.unwrap();
    let (after, _) = sums(&database).await;
    assert_eq!((after[Route::Kafka].processed, after[Route::Kafka].emitted), (451, 451));
}

async fn the_oldest_of_too_many_go(url: &str) {
    let (database, process) = open(url).await;
    for session in 1..=250 {
        let events = vec![of_session(session, press(1))];
        process.run(batch(Route::Kafka, events, Vec::new())).await.unwrap();
    }
    // A row takes some 256 bytes.
    let (all, retention) = (ledgers(&database, Timestamp::MAX), Retention { ttl: 1000 * HOUR, bytes: 200 * 300 });
    assert_eq!(prune(&all, retention, clock::now()).await.unwrap().rows, 250, "none is an hour old");
    let in_two_hours = clock::now().plus_millis(7_200_000);
    assert_eq!(prune(&all, retention, in_two_hours).await.unwrap().rows, 50);
    let sql = "SELECT MIN(session) FROM accounts";
    let first: String = sqlx::query_scalar(sql).fetch_one(&database.reader).await.unwrap();
    assert_eq!(first, Uuid::from_u128(201).to_string());
}

async fn what_is_due_stays_and_alerts_stay_counted(url: &str) {
    let (database, process) = open(url).await;
    let created = Event { kind: Kind::OrderCreated.into(), data: json!({"order": "A-1"}).into(), ..event(4) };
    // Three presses of the first session make an alert, which empties its memory.
    let mut events: Vec<Event> = (1..=3).map(|number| of_session(1, press(number))).collect();
    events.extend([of_session(1, created), of_session(2, press(1))]);
    process.run(batch(Route::HttpPush, events, Vec::new())).await.unwrap();

    let memories = RuleStates(database.clone());
    assert_eq!(memories.size().await.unwrap().rows, 2);
    assert_eq!(memories.prune(Timestamp::MIN).await.unwrap().rows, 0);
    assert_eq!(memories.prune(Timestamp::MAX).await.unwrap().rows, 1, "the press of the second session");
    assert_eq!(memories.prune(Timestamp::MAX).await.unwrap().rows, 0, "the order is due");
    process.decide(Route::HttpPush, Timestamp::from_millis(4_000_000_000_000)).await.unwrap();

    let counted = async || {
        let mut counts = alerts::counts(&database.reader).await.unwrap();
        counts.sort_unstable();
        counts
    };
    let of = |use_case: &str, alerts| (use_case.to_owned(), "http-push".to_owned(), alerts);
    let both = vec![of("steady-clicks", 1), of("stuck-orders", 1)];
    assert_eq!(counted().await, both);
    let all = Alerts(database.clone());
    assert_eq!(all.prune(Timestamp::MAX).await.unwrap().rows, 2);
    assert_eq!((all.size().await.unwrap().rows, counted().await), (0, both));
    assert_eq!(alerts::waiting(&database.reader).await.unwrap(), 2, "their mails still wait");
    let again = (5..=7).map(|number| of_session(1, press(number))).collect();
    process.run(batch(Route::HttpPush, again, Vec::new())).await.unwrap();
    all.prune(Timestamp::MAX).await.unwrap();
    assert_eq!(counted().await, [of("steady-clicks", 2), of("stuck-orders", 1)]);
}

async fn steps_beside_pruning_lose_no_event(url: &str) {
    const SESSIONS: u128 = 60;
    let (database, process) = open(url).await;
    let (process, done) = (Arc::new(process), Arc::new(AtomicBool::new(false)));
    // Everything is old enough at once.
    let pruners = [0, 1].map(|_| {
        let (database, done) = (database.clone(), done.clone());
        tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                ledgers(&database, Timestamp::MAX).prune(Timestamp::MAX).await.unwrap();
                RuleStates(database.clone()).prune(Timestamp::MAX).await.unwrap();
                tokio::task::yield_now().await;
            }
        })
    });
    let steps = [0, 1].map(|task| {
        let process = process.clone();
        tokio::spawn(async move {
            for step in 0..50 {
                let number = 2 * step + task + 1;
                let mut events: Vec<Event> = (1..=SESSIONS).map(|session| of_session(session, press(number))).collect();
                if task == 1 {
                    events.reverse();
                }
                process.run(batch(Route::HttpPush, events, Vec::new())).await.unwrap();
            }
        })
    });
    for step in steps {
        step.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for pruner in pruners {
        pruner.await.unwrap();
    }
    let sent = 2 * 50 * u64::try_from(SESSIONS).unwrap();
    let (balances, pruned) = sums(&database).await;
    let sum = balances[Route::HttpPush];
    assert_eq!((sum.emitted, sum.processed, sum.residual), (sent, sent, 0));
    assert!(pruned[Route::HttpPush] > 0);
}

async fn memories_of_an_old_database_are_as_old_as_its_latest_ledger(url: &str) {
    let old = database::open(url, &MIGRATIONS[..2]).await.unwrap();
    for sql in [
        "INSERT INTO accounts (session, route, processed, processed_count, emitted_count, touched_at)
         VALUES ('0192f0c1-0000-7000-8000-000000000001', 'kafka', '1-3', 3, 3, 5000000)",
        "INSERT INTO rule_states (use_case, route, rule_key, state)
         VALUES ('steady-clicks', 'kafka', '10.0.0.1', '[]')",
    ] {
        sqlx::query(sql).execute(&old.writer).await.unwrap();
    }
    old.reader.close().await;
    old.writer.close().await;
    let (database, _) = open(url).await;
    let memories = RuleStates(database.clone());
    assert_eq!(memories.prune(Timestamp::from_micros(5_000_000)).await.unwrap().rows, 0);
    assert_eq!(memories.prune(Timestamp::from_micros(5_000_001)).await.unwrap().rows, 1);
    assert_eq!(sums(&database).await.0[Route::Kafka].processed, 3);
}
