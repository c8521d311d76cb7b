//! http-poll: the cursor moves with the effects.

use std::sync::{Arc, Mutex};

use domain::Route;

use crate::support::{Consumer, event, fake_backend, until};

#[tokio::test]
async fn the_store_is_followed_and_a_restart_goes_on_where_it_was() {
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
async fn a_store_that_begins_anew_is_read_from_its_beginning() {
    let stored = Arc::new(Mutex::new(vec![event(1), event(2), event(3)]));
    let consumer = Consumer::start(&["--backend-url", &fake_backend(stored.clone()).await]).await;
    until("all are processed", async || consumer.balance(Route::HttpPoll).await.processed == 3).await;
    *stored.lock().unwrap() = vec![event(4)];
    until("the new store's is processed", async || consumer.balance(Route::HttpPoll).await.processed == 4).await;
}

#[tokio::test]
async fn what_expired_unread_is_called_lost_once_the_route_is_empty() {
    // The store gave out three positions, and has none of the events any more.
    let page = || async { axum::Json(domain::api::Page { events: Vec::new(), head: 3, expired: 3 }) };
    let backend = crate::support::serve(axum::Router::new().route("/api/events", axum::routing::get(page))).await;
    let consumer = Consumer::start(&["--backend-url", &backend]).await;
    let report = r#"{"routes": {"http-poll": {"emitted": "1-3", "accepted": "1-3"}}}"#;
    let url = format!("{}/api/sessions/{}/report", consumer.url, crate::support::SESSION);
    assert_eq!(consumer.client.post(url).body(report).send().await.unwrap().status(), 204);
    until("all three are lost", async || consumer.balance(Route::HttpPoll).await.lost == 3).await;
}
