//! The ledger over HTTP: deliveries, reports, and the same after a restart.

use domain::Route;
use domain::api::{BATCH, LedgerView};
use domain::ledger::Seen::{Duplicate, New, Reordered};
use serde_json::{Value, json};

use crate::support::{Consumer, SESSION, event};

#[tokio::test]
async fn new_reordered_and_duplicate_events_are_recognised() {
    let consumer = Consumer::start(&[]).await;
    assert_eq!(consumer.deliver(&[event(1), event(3), event(3)]).await, [New, New, Duplicate]);
    assert_eq!(consumer.deliver(&[event(2), event(1)]).await, [Reordered, Duplicate]);
    let balance = consumer.balance(Route::HttpPush).await;
    assert_eq!((balance.processed, balance.duplicates, balance.reordered, balance.residual), (3, 2, 1, 0));
}

async fn report(consumer: &Consumer, session: &str, body: Value) -> reqwest::StatusCode {
    let url = format!("{}/api/sessions/{session}/report", consumer.url);
    consumer.client.post(url).body(body.to_string()).send().await.unwrap().status()
}

#[tokio::test]
async fn the_clients_own_counts_complete_the_identity() {
    let consumer = Consumer::start(&[]).await;
    consumer.deliver(&[event(1), event(2)]).await;
    let counts = json!({"routes": {"http-push": {"emitted": "1-6", "accepted": "1-3", "rejected": "4", "shed": "5"}}});
    assert_eq!(report(&consumer, SESSION, counts).await, 204);
    let balance = consumer.balance(Route::HttpPush).await;
    let terms = (balance.emitted, balance.processed, balance.rejected, balance.shed, balance.in_flight, balance.lost);
    // 3 was accepted on a route that holds no events, and was not processed; 6 still waits at the client.
    assert_eq!(terms, (6, 2, 1, 1, 1, 1));
    assert_eq!(balance.residual, 0);
    let of_session = &consumer.ledger().await.sessions[0];
    assert_eq!((of_session.session.to_string().as_str(), of_session.gaps.to_string().as_str()), (SESSION, "3,6"));
    assert_eq!((of_session.numbered, of_session.balance.is_exact()), (6, false));
}

#[tokio::test]
async fn inexact_sessions_are_found_however_old_they_are() {
    let consumer = Consumer::start(&[]).await;
    let (old, new) = ("0192f0c1-0000-7000-8000-0000000000aa", "0192f0c1-0000-7000-8000-0000000000bb");
    let route = |shed: &str| json!({"emitted": "1-2", "shed": shed});
    let counts = |kafka: &str| json!({"routes": {"http-poll": route("1-2"), "kafka": route(kafka)}});
    assert_eq!(report(&consumer, old, counts("1")).await, 204);
    assert_eq!(report(&consumer, new, counts("1-2")).await, 204);
    let sessions = async |query: &str| {
        let answer = consumer.client.get(format!("{}/api/ledger?limit=1{query}", consumer.url)).send().await.unwrap();
        let view: LedgerView = answer.json().await.unwrap();
        view.sessions.iter().map(|one| (one.session.to_string(), one.route)).collect::<Vec<_>>()
    };
    // The limit counts sessions, and each comes with all its routes.
    let both = |session: &str| [(session.to_owned(), Route::HttpPoll), (session.to_owned(), Route::Kafka)];
    assert_eq!(sessions("").await, both(new));
    assert_eq!(sessions("&inexact=true").await, both(old));
    assert!(sessions(&format!("&inexact=true&session={new}")).await.is_empty());
    let answer = consumer.client.get(format!("{}/api/ledger?inexact=maybe", consumer.url)).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    // An event that was accepted and not reported as emitted is missing, too.
    consumer.deliver(&[event(1)]).await;
    let counts = json!({"routes": {"http-push": {"emitted": "1", "accepted": "1-2"}}});
    assert_eq!(report(&consumer, SESSION, counts).await, 204);
    assert_eq!(sessions("&inexact=true").await, [(SESSION.to_owned(), Route::HttpPush)]);
}

#[tokio::test]
async fn the_ledger_survives_a_restart() {
    let first = Consumer::start(&[]).await;
    first.deliver(&[event(1), event(2)]).await;
    let before = first.ledger().await;
    let second = Consumer::start_in(first.stop().await, &[]).await;
    assert_eq!(second.ledger().await, before);
    assert_eq!(second.deliver(&[event(2), event(3)]).await, [Duplicate, New]);
}

#[tokio::test]
async fn concurrent_deliveries_of_one_session_keep_an_exact_ledger() {
    let consumer = Consumer::start(&[]).await;
    let events: Vec<_> = (1..=300).map(event).collect();
    // Every event twice, by ten deliveries at once.
    let twice = [events.as_slice(), events.as_slice()].concat();
    futures_util::future::join_all(twice.chunks(60).map(|chunk| consumer.deliver(chunk))).await;
    let balance = consumer.balance(Route::HttpPush).await;
    assert_eq!((balance.processed, balance.duplicates), (300, 300));
}

#[tokio::test]
async fn bad_input_is_refused_with_its_reason_and_changes_nothing() {
    let consumer = Consumer::start(&[]).await;
    assert_eq!(report(&consumer, "nobody", json!({"routes": {}})).await, 400);
    assert_eq!(report(&consumer, SESSION, json!({"routes": {"http-push": {"emitted": "5-1"}}})).await, 400);
    let answer = consumer.post_delivery(BATCH, "[{}]").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (400, &"application/problem+json".parse().unwrap())
    );
    assert!(consumer.ledger().await.sessions.is_empty());
}
