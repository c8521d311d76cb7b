//! A database of an earlier version opens, and all that it holds goes on.
//!
//! A dump is never changed: it fails here where a migration is edited that a version already had. Each version adds its own.

use std::sync::{Arc, Mutex};

use consumer::store::{MIGRATIONS, positions};
use domain::Route;
use domain::api::UseCaseView;
use domain::ledger::Balance;
use domain::ledger::Seen::{Duplicate, New};
use runtime::database;
use runtime::testing::{restore_sqlite, until};
use serde_json::json;

use crate::support::{Consumer, FakeMailer, event, fake_backend, press};

/// Each version and its database.
const DUMPS: [(&str, &str); 1] = [("0.1.0", include_str!("upgrade/0.1.0.sql"))];
/// In seconds.
const CENTURY_S: &str = "3153600000";

#[tokio::test]
async fn the_ledger_the_memories_and_the_mails_of_earlier_versions_go_on() {
    for (version, dump) in DUMPS {
        let directory = tempfile::tempdir().unwrap();
        restore_sqlite(&directory.path().join("consumer.db"), dump).await;
        let mailer = FakeMailer::default();
        // Three of them were processed before.
        let stored = Arc::new(Mutex::new((11..=15).map(event).collect()));
        let (mailer_url, backend_url) = (mailer.start().await, fake_backend(stored).await);
        let urls = ["--mailer-url", &mailer_url, "--backend-url", &backend_url];
        // The dump is from 2023: a century is kept.
        let flags =
            [&urls[..], &["--ledger-ttl", CENTURY_S, "--rule-ttl", CENTURY_S, "--alert-ttl", CENTURY_S]].concat();
        let consumer = Consumer::start_in(directory, &flags).await;

        let ledger = consumer.ledger().await;
        let of_session = Balance {
            emitted: 5,
            processed: 3,
            rejected: 1,
            lost: 1,
            duplicates: 1,
            reordered: 1,
            ..Balance::default()
        };
        assert_eq!(ledger.routes[Route::HttpPush], of_session, "{version}");
        assert_eq!(ledger.unnumbered[Route::Kafka], 7, "{version}");
        assert_eq!(consumer.deliver(&[event(3), press(6)]).await, [Duplicate, New], "{version}");
        until("http-poll goes on", async || consumer.balance(Route::HttpPoll).await.processed == 2).await;

        // One waited in the outbox, one is by the memory of two presses and a third, one by an order that is due.
        until("all mails are there", async || mailer.taken.lock().unwrap().len() == 3).await;
        let mut subjects: Vec<String> = mailer.taken.lock().unwrap().iter().map(|mail| mail.subject.clone()).collect();
        subjects.sort();
        let expected = ["Order A-1 is stuck", "Steady clicks from 10.0.0.7", "Steady clicks from 127.0.0.1"];
        assert_eq!(subjects, expected, "{version}");

        let answer = consumer.client.get(format!("{}/api/use-cases/steady-clicks", consumer.url)).send().await.unwrap();
        let use_case: UseCaseView = answer.json().await.unwrap();
        let window = use_case.settings.iter().find(|setting| setting.name == "window_ms").unwrap();
        assert_eq!(window.value, json!(2000), "{version}: it was set");
        assert_eq!((use_case.found[Route::Kafka], use_case.found[Route::HttpPush]), (1, 1), "{version}");
        assert!(use_case.results.iter().any(|alert| alert.key == "10.0.0.7"), "{version}");

        let directory = consumer.stop().await;
        let url = format!("sqlite://{}/consumer.db", directory.path().display());
        let database = database::open(&url, &MIGRATIONS).await.unwrap();
        for (source, position) in [("http-poll", 5), ("click-events/0", 12)] {
            let stored = positions::load(&database.reader, source).await.unwrap();
            assert_eq!(stored, Some(position), "{version}: {source}");
        }
    }
}
