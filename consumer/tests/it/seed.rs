//! Unnumbered events: accepted from the backend over both HTTP routes, counted outside the ledger.

use std::sync::{Arc, Mutex};

use domain::api::{BATCH, Snapshot};
use domain::ledger::Seen::New;
use domain::{Event, Kind, Route};
use futures_util::StreamExt;
use runtime::testing::until;
use serde_json::json;

use crate::support::{Consumer, event, fake_backend};

/// Events of the original example's contract, as the backend forwards them.
fn unnumbered(count: u64) -> Vec<Event> {
    let unnumbered = |number| {
        let mut value = serde_json::to_value(Event { kind: Kind::ButtonClick.into(), ..event(number) }).unwrap();
        value.as_object_mut().unwrap().remove("sequence");
        value["source"] = json!("/event");
        serde_json::from_value(value).unwrap()
    };
    (1..=count).map(unnumbered).collect()
}

async fn counted(consumer: &Consumer, route: Route) -> u64 {
    let first = crate::live::listen(consumer, None).await.next().await.unwrap();
    let snapshot: Snapshot = serde_json::from_str(&first.data).unwrap();
    snapshot.stats.routes.get(route).map_or(0, |stats| stats.unnumbered)
}

#[tokio::test]
async fn pushed_events_are_processed_outside_the_ledger() {
    let consumer = Consumer::start(&[]).await;
    let mixed = [unnumbered(2), vec![event(1)]].concat();
    assert_eq!(consumer.deliver(&mixed).await, [New, New, New]);
    until("two are counted apart", async || counted(&consumer, Route::HttpPush).await == 2).await;
    assert_eq!(consumer.balance(Route::HttpPush).await.processed, 1);
}

#[tokio::test]
async fn polled_events_are_processed_outside_the_ledger() {
    let backend = fake_backend(Arc::new(Mutex::new(unnumbered(3)))).await;
    let consumer = Consumer::start(&["--backend-url", &backend]).await;
    until("three are counted apart", async || counted(&consumer, Route::HttpPoll).await == 3).await;
    assert!(consumer.ledger().await.sessions.is_empty());
}

#[tokio::test]
async fn a_sessions_event_without_its_number_and_a_long_traceparent_are_refused() {
    let consumer = Consumer::start(&[]).await;
    let forgotten = Event { sequence: None, ..event(1) };
    let long = Event { traceparent: Some("0".repeat(101)), ..event(1) };
    for invalid in [forgotten, long] {
        let answer = consumer.post_delivery(BATCH, serde_json::to_string(&[invalid]).unwrap()).await;
        assert_eq!(answer.status(), 400);
    }
}
