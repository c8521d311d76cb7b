//! The ledger over HTTP: deliveries, reports, and the same after a restart.

use domain::api::{BATCH, DiskView, LedgerView, UseCaseView};
use domain::ledger::MAX_FRAGMENTS;
use domain::ledger::Seen::{Duplicate, New, Refused, Reordered};
use domain::{Event, Route};
use runtime::testing::until;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::support::{Consumer, SESSION, event, press};

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

async fn clicks(consumer: &Consumer) -> UseCaseView {
    let url = format!("{}/api/use-cases/steady-clicks", consumer.url);
    consumer.client.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_session_with_too_many_gaps_is_closed_and_disturbs_no_other() {
    let consumer = Consumer::start(&[]).await;
    let odd: Vec<Event> = (0..MAX_FRAGMENTS as u64 + 50).map(|number| event(2 * number + 1)).collect();
    let mut seen = Vec::new();
    for events in odd.chunks(500) {
        seen.extend(consumer.deliver(events).await);
    }
    assert_eq!(seen, [vec![New; MAX_FRAGMENTS], vec![Refused; 50]].concat());
    let of_other = |sequence| {
        let source = "/sessions/0192f0c1-0000-7000-8000-0000000000cc".parse().unwrap();
        Event { source, ..event(sequence) }
    };
    let together = [press(2), of_other(1), press(4), press(6), press(1), of_other(2)];
    assert_eq!(consumer.deliver(&together).await, [Refused, New, Refused, Refused, Refused, New]);
    let found = clicks(&consumer).await.found;
    assert!(found.is_empty(), "a refused event has no effect: {found:?}");
    let counts = json!({"routes": {"http-push": {"emitted": "1-9000", "accepted": "1-9000"}}});
    assert_eq!(report(&consumer, SESSION, counts).await, 204);

    let check = async |consumer: &Consumer| {
        let view = consumer.ledger().await;
        let (sum, most) = (view.routes[Route::HttpPush], MAX_FRAGMENTS as u64);
        assert_eq!((sum.emitted, sum.processed, sum.refused), (most + 2, most + 2, 54));
        assert_eq!((sum.in_flight, sum.lost, sum.residual), (0, 0, 0));
        let closed = view.sessions.iter().find(|view| view.session.to_string() == SESSION).unwrap();
        assert_eq!((closed.balance.processed, closed.balance.refused, closed.numbered), (most, 54, most));
        assert!(closed.balance.is_exact() && closed.gaps.is_empty());
    };
    check(&consumer).await;
    let directory = consumer.stop().await;
    let database = format!("sqlite://{}/consumer.db", directory.path().display());
    let mut connection = AnyConnection::connect(&database).await.unwrap();
    let sql = "SELECT MAX(OCTET_LENGTH(processed) + OCTET_LENGTH(emitted) + OCTET_LENGTH(accepted)) FROM accounts";
    let bytes: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    assert!(bytes < 100, "a closed ledger has {bytes} bytes of numbers");
    connection.close().await.unwrap();

    let consumer = Consumer::start_in(directory, &[]).await;
    check(&consumer).await;
    assert_eq!(consumer.deliver(&[event(20_000), of_other(3)]).await, [Refused, New], "it is closed for good");
}

#[tokio::test]
async fn without_deduplication_a_closed_session_has_no_effects_either() {
    let consumer = Consumer::start(&["--guarantee", "at-least-once"]).await;
    let odd: Vec<Event> = (0..=MAX_FRAGMENTS as u64).map(|number| event(2 * number + 1)).collect();
    for events in odd.chunks(500) {
        consumer.deliver(events).await;
    }
    assert_eq!(consumer.deliver(&[press(2), press(4), press(6)]).await, [Refused; 3]);
    let found = clicks(&consumer).await.found;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn reports_with_too_many_ranges_are_refused_with_the_reason_and_change_nothing() {
    let consumer = Consumer::start(&[]).await;
    let shed = |first: usize, count: usize| {
        let numbers: Vec<String> = (0..count).map(|number| (4 * number + first).to_string()).collect();
        json!({"routes": {"http-push": {"emitted": "1-99999", "shed": numbers.join(",")}, "kafka": {"emitted": "1"}}})
    };
    assert_eq!(report(&consumer, SESSION, shed(1, MAX_FRAGMENTS + 1)).await, 400, "in one report");
    assert!(consumer.ledger().await.sessions.is_empty());
    assert_eq!(report(&consumer, SESSION, shed(1, MAX_FRAGMENTS)).await, 204);
    let before = consumer.ledger().await;
    let url = format!("{}/api/sessions/{SESSION}/report", consumer.url);
    let refused = consumer.client.post(url).body(shed(3, 1).to_string()).send().await.unwrap();
    assert_eq!(refused.status(), 400, "in all of them together");
    assert!(refused.text().await.unwrap().contains("a set has more than 2000 ranges; nothing was entered"));
    assert_eq!(consumer.ledger().await, before);
    assert_eq!(before.routes[Route::HttpPush].shed, MAX_FRAGMENTS as u64);
}

#[tokio::test]
async fn what_is_pruned_stays_in_the_sums_and_a_session_that_comes_back_is_counted_from_there() {
    let consumer = Consumer::start(&[]).await;
    consumer.deliver(&[press(1), press(2), press(3), event(5)]).await;
    let counts = |last: u64| {
        let (emitted, accepted) = (format!("1-{last}"), format!("1-3,5-{last}"));
        json!({"routes": {"http-push": {"emitted": emitted, "accepted": accepted}}})
    };
    assert_eq!(report(&consumer, SESSION, counts(6)).await, 204);
    let before = consumer.ledger().await;
    let sum = before.routes[Route::HttpPush];
    assert_eq!((sum.emitted, sum.processed, sum.in_flight, sum.lost), (6, 4, 1, 1));

    let flags = ["--ledger-ttl", "0", "--rule-ttl", "0", "--alert-ttl", "0"];
    let consumer = Consumer::start_in(consumer.stop().await, &flags).await;
    until("all is pruned", async || {
        let answer = consumer.client.get(format!("{}/api/disk/consumer", consumer.url)).send().await.unwrap();
        let disk: DiskView = answer.json().await.unwrap();
        disk.kept.len() == 3 && disk.kept.iter().all(|kept| kept.rows == 0)
    })
    .await;
    let after = consumer.ledger().await;
    assert_eq!((after.routes, after.sessions.len()), (before.routes, 0));
    assert_eq!(after.pruned, [(Route::HttpPush, 1)].into());
    let clicks = clicks(&consumer).await;
    assert_eq!((clicks.found, clicks.results.len()), ([(Route::HttpPush, 1)].into(), 0), "alerts stay counted");

    assert_eq!(report(&consumer, SESSION, counts(7)).await, 204);
    assert_eq!(consumer.balance(Route::HttpPush).await, sum, "7 is not there yet, and the others are in the sums");
    assert_eq!(consumer.deliver(&[event(7), event(7)]).await, [New, Duplicate]);
    assert_eq!(report(&consumer, SESSION, counts(8)).await, 204);
    let again = consumer.balance(Route::HttpPush).await;
    assert_eq!((again.emitted, again.processed, again.in_flight, again.lost), (8, 5, 1, 2));
    assert_eq!((again.duplicates, again.residual), (1, 0));
}
