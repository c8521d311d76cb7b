//! PostgreSQL away: every request that needs it is refused with its name, and all goes on afterwards. Needs ESE_TEST_POSTGRES.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use domain::api::{BATCH, Problem, Snapshot, Topology};
use domain::{Event, Route};
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder};
use runtime::database::POSTGRES;
use runtime::dependency::Dependency;
use runtime::testing::{Relay, new_postgres, serve, until};

use crate::live::{listen, next};
use crate::support::{Consumer, FakeMailer, SESSION, event, fake_backend, press};

/// Every request that needs the database.
fn requests(consumer: &Consumer) -> Vec<(String, RequestBuilder)> {
    let request = |method: Method, path: &str, body: String| {
        let request = consumer.client.request(method.clone(), format!("{}{path}", consumer.url));
        let content_type = if path == "/api/deliveries" { BATCH } else { "application/json" };
        (format!("{method} {path}"), request.header("content-type", content_type).body(body))
    };
    let get = |path: &str| request(Method::GET, path, String::new());
    let report = r#"{"routes": {"http-push": {"emitted": "1-9"}}}"#.to_owned();
    vec![
        request(Method::POST, "/api/deliveries", serde_json::to_string(&[press(2)]).unwrap()),
        request(Method::POST, &format!("/api/sessions/{SESSION}/report"), report),
        request(Method::PATCH, "/api/use-cases/steady-clicks", r#"{"threshold": 7}"#.to_owned()),
        get("/api/ledger"),
        get(&format!("/api/ledger?session={SESSION}")),
        get("/api/live"),
        get("/api/use-cases"),
        get("/api/use-cases/steady-clicks"),
    ]
}

async fn refused_with_its_name(consumer: &Consumer) {
    for (name, request) in requests(consumer) {
        let began = Instant::now();
        let answer = request.send().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(4), "{name}: the answer took {:?}", began.elapsed());
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (503, &b"1"[..]), "{name}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{name}");
        let problem: Problem = answer.json().await.unwrap();
        assert_eq!(problem.dependency.as_deref(), Some("postgres"), "{name}: {problem:?}");
        assert!(problem.detail.contains("PostgreSQL"), "{name}: {problem:?}");
    }
}

/// The status and text of `/readyz`.
async fn ready(consumer: &Consumer) -> (u16, String) {
    let answer = consumer.client.get(format!("{}/readyz", consumer.url)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Whether the part is up, if it is there.
fn up(topology: &Topology, name: &str) -> Option<bool> {
    topology.parts.iter().find(|part| part.name == name).map(|part| part.up)
}

#[tokio::test]
async fn a_mailer_without_its_postgres_is_not_the_part_that_is_down() {
    let postgres = Dependency::new(POSTGRES, "PostgreSQL");
    let refuse = move || std::future::ready(postgres.unavailable());
    let mailer = serve(Router::new().route("/api/mails", get(refuse))).await;
    let consumer = Consumer::start(&["--mailer-url", &mailer]).await;
    until("the server is shown as the part that is down", async || {
        let snapshot = listen(&consumer, None).await.next().await.unwrap();
        let Snapshot { topology, .. } = serde_json::from_str(&snapshot.data).unwrap();
        (up(&topology, POSTGRES), up(&topology, "mailer")) == (Some(false), Some(true))
    })
    .await;
}

#[tokio::test]
async fn while_postgres_is_away_every_request_names_it_and_afterwards_all_goes_on() {
    let Some(url) = new_postgres("consumer_outage").await else { return };
    let (mut relay, url) = Relay::before_postgres(&url).await;
    let (mailer, stored) = (FakeMailer::default(), Arc::<Mutex<Vec<Event>>>::default());
    let (mailer_url, backend_url) = (mailer.start().await, fake_backend(stored.clone()).await);
    let flags = ["--database-url", &url, "--mailer-url", &mailer_url, "--backend-url", &backend_url];
    let consumer = Consumer::start(&flags).await;
    consumer.deliver(&[press(1)]).await;
    let mut stream = listen(&consumer, None).await;
    let snapshot: Snapshot = serde_json::from_str(&stream.next().await.unwrap().data).unwrap();
    assert_eq!(snapshot.stats.routes[Route::HttpPush].balance.processed, 1);
    assert_eq!(ready(&consumer).await, (200, "ready\n".to_owned()));

    relay.cut().await;
    // At first only by its own errors, then by the probe.
    refused_with_its_name(&consumer).await;
    until("the service is not ready", async || ready(&consumer).await.0 == 503).await;
    refused_with_its_name(&consumer).await;
    assert!(ready(&consumer).await.1.starts_with("not ready: PostgreSQL: "));
    let metrics = consumer.client.get(format!("{}/metrics", consumer.url)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("ese_dependency_up{dependency=\"postgres\"} 0"), "{metrics}");
    // The stream that is open goes on, and names the server that is down.
    loop {
        let topology: Topology = serde_json::from_str(&next(&mut stream, "topology").await.data).unwrap();
        if up(&topology, POSTGRES) == Some(false) {
            assert_eq!(up(&topology, "mailer"), Some(true), "the mailer is not to blame");
            break;
        }
    }
    stored.lock().unwrap().push(event(9));

    relay.mend().await;
    until("the service is ready again", async || ready(&consumer).await.0 == 200).await;
    consumer.deliver(&[press(2), press(3)]).await;
    until("http-poll goes on", async || consumer.balance(Route::HttpPoll).await.processed == 1).await;
    until("the mail goes out", async || mailer.taken.lock().unwrap().len() == 1).await;
    let balance = consumer.balance(Route::HttpPush).await;
    assert_eq!((balance.processed, balance.lost, balance.residual), (3, 0, 0));
    for (name, request) in requests(&consumer) {
        assert!(request.send().await.unwrap().status().is_success(), "{name}");
    }
}
