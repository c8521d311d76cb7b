//! http-poll: the cursor moves with the effects.

use std::collections::HashMap;
use std::fs::{self, File};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Query;
use axum::http::HeaderMap;
use domain::Route;
use domain::api::{Page, Stored};
use runtime::testing::{serve, until};
use tokio::process::Command;

use crate::support::{Consumer, FakeMailer, event, fake_backend, press};

#[tokio::test]
async fn the_store_is_followed_and_a_restart_goes_on_at_the_cursor() {
    let stored = Arc::new(Mutex::new((1..=1500).map(event).collect::<Vec<_>>()));
    let backend = fake_backend(stored.clone()).await;
    let consumer = Consumer::start(&["--backend-url", &backend]).await;
    until("all are processed", async || consumer.balance(Route::HttpPoll).await.processed == 1500).await;

    let directory = consumer.stop().await;
    stored.lock().unwrap().push(event(1501));
    let consumer = Consumer::start_in(directory, &["--backend-url", &backend]).await;
    until("the new one is processed", async || consumer.balance(Route::HttpPoll).await.processed == 1501).await;
    assert_eq!(consumer.balance(Route::HttpPoll).await.duplicates, 0, "nothing was read twice");
}

#[tokio::test]
async fn a_backend_that_is_away_is_one_line_in_the_log_without_colours() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut program = Command::new(env!("CARGO_BIN_EXE_consumer"));
    program.args(["--listen", "127.0.0.1:0", "--backend-url", "http://127.0.0.1:9", "--log", "info"]);
    program.current_dir(directory.path()).env_remove("NO_COLOR").stdin(Stdio::null()).kill_on_drop(true);
    let mut consumer = program.stderr(File::create(&log).unwrap()).spawn().unwrap();
    let lines = || fs::read_to_string(&log).unwrap().matches("The backend is not available").count();
    until("the outage is in the log", async || lines() > 0).await;
    // Several tries.
    tokio::time::sleep(Duration::from_secs(2)).await;
    consumer.kill().await.unwrap();
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(lines(), 1, "{text}");
    assert!(text.contains("http://127.0.0.1:9: ") && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_new_store_is_read_from_its_beginning() {
    let stored = Arc::new(Mutex::new(vec![event(1), event(2), event(3)]));
    let consumer = Consumer::start(&["--backend-url", &fake_backend(stored.clone()).await]).await;
    until("all are processed", async || consumer.balance(Route::HttpPoll).await.processed == 3).await;
    *stored.lock().unwrap() = vec![event(4)];
    until("the new store's is processed", async || consumer.balance(Route::HttpPoll).await.processed == 4).await;
}

#[tokio::test]
async fn events_that_expired_unread_are_lost_once_the_route_is_empty() {
    // The store gave out three positions, and has none of the events any more.
    let page = || async { axum::Json(Page { events: Vec::new(), head: 3, expired: 3 }) };
    let backend = serve(axum::Router::new().route("/api/events", axum::routing::get(page))).await;
    let consumer = Consumer::start(&["--backend-url", &backend]).await;
    let report = r#"{"routes": {"http-poll": {"emitted": "1-3", "accepted": "1-3"}}}"#;
    let url = format!("{}/api/sessions/{}/report", consumer.url, crate::support::SESSION);
    assert_eq!(consumer.client.post(url).body(report).send().await.unwrap().status(), 204);
    until("all three are lost", async || consumer.balance(Route::HttpPoll).await.lost == 3).await;
}

#[tokio::test]
async fn a_second_reader_acknowledges_nothing_and_keeps_its_mails() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let polls = asked.clone();
    let page = async move |Query(query): Query<HashMap<String, String>>| {
        let after: i64 = query["after"].parse().unwrap();
        polls.lock().unwrap().push((after, query.contains_key("acknowledged")));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let events = (after + 1..=3).map(|position| Stored { position, event: press(position.unsigned_abs()) });
        axum::Json(Page { events: events.collect(), head: 3, expired: 0 })
    };
    let backend = serve(axum::Router::new().route("/api/events", axum::routing::get(page))).await;
    let mailer = FakeMailer::default();
    let mailer_url = mailer.start().await;
    let flags = ["--backend-url", &backend, "--mailer-url", &mailer_url];
    let reader = Consumer::start(&[&flags[..], &["--second-reader"]].concat()).await;
    until("the end is polled", async || asked.lock().unwrap().iter().filter(|(after, _)| *after == 3).count() > 3)
        .await;
    assert!(asked.lock().unwrap().iter().all(|(_, acknowledged)| !acknowledged));
    assert_eq!(reader.balance(Route::HttpPoll).await.processed, 3);
    let directory = reader.stop().await;
    assert!(mailer.taken.lock().unwrap().is_empty());

    // As the first reader of the same database it sends the mail.
    let _consumer = Consumer::start_in(directory, &flags).await;
    until("the mail is there", async || mailer.taken.lock().unwrap().len() == 1).await;
}

#[tokio::test]
async fn processed_events_are_acknowledged_as_a_peer() {
    let secret = "s".repeat(32);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &secret).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let polls = asked.clone();
    let page = async move |Query(query): Query<HashMap<String, String>>, headers: HeaderMap| {
        assert_eq!(headers["authorization"], format!("Bearer {secret}"));
        let [after, acknowledged] = ["after", "acknowledged"].map(|name| query[name].parse::<i64>().unwrap());
        polls.lock().unwrap().push((after, acknowledged));
        // One event a page; after three, empty pages with a pause.
        tokio::time::sleep(std::time::Duration::from_millis(if after < 3 { 0 } else { 20 })).await;
        let events = (after + 1..=3).take(1);
        let events = events.map(|position| Stored { position, event: event(position.unsigned_abs()) }).collect();
        axum::Json(Page { events, head: 3, expired: 0 })
    };
    let backend = serve(axum::Router::new().route("/api/events", axum::routing::get(page))).await;
    let token = file.path().to_str().unwrap();
    let consumer = Consumer::start(&["--backend-url", &backend, "--peer-token-file", token]).await;
    until("the last is acknowledged", async || asked.lock().unwrap().last() == Some(&(3, 3))).await;
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked[..3], [(0, 0), (1, 0), (2, 1)], "a page comes while the one before it is processed");
    assert!(asked[3..].iter().all(|asked| *asked == (3, 3)), "at the end all is acknowledged: {asked:?}");
    assert_eq!(consumer.balance(Route::HttpPoll).await.processed, 3);
}
