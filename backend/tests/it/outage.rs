//! PostgreSQL away: http-poll and its readers are refused with its name, http-push goes on, and afterwards all does. Needs
//! ESE_TEST_POSTGRES.

use std::time::{Duration, Instant};

use reqwest::Response;
use runtime::testing::{Relay, new_postgres, until};
use serde_json::json;

use crate::support::{Backend, FakeConsumer, event, problem, reply};

/// Checks a refusal; `dependency` is there where the request needs nothing else.
async fn is_refused(name: &str, answer: Response, dependency: Option<&str>) {
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (503, &b"1"[..]), "{name}");
    let problem = problem(answer).await;
    assert!(problem.detail.contains("PostgreSQL"), "{name}: {problem:?}");
    assert_eq!(problem.dependency.as_deref(), dependency, "{name}");
}

async fn refused_with_its_name(backend: &Backend) {
    let began = Instant::now();
    is_refused("the feed", backend.get("/api/events").await, Some("postgres")).await;
    is_refused("the list", backend.get("/events").await, Some("postgres")).await;
    is_refused("an event", backend.post("http-poll", &[event(2)]).await, None).await;
    let of_seed = json!({
        "event": {"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"}, "timestamp": 1_769_860_800_123_i64
    });
    let of_seed = backend.client.post(format!("{}/event", backend.url)).json(&of_seed).send().await.unwrap();
    is_refused("an event of the original example", of_seed, None).await;
    assert!(began.elapsed() < Duration::from_secs(10), "the answers took {:?}", began.elapsed());
}

#[tokio::test]
async fn while_postgres_is_away_http_poll_names_it_http_push_goes_on_and_afterwards_all_does() {
    let Some(url) = new_postgres("backend_outage").await else { return };
    let (mut relay, url) = Relay::before_postgres(&url).await;
    let consumer = FakeConsumer::start(100).await;
    let backend = Backend::start(&["--store-url", &url, "--consumer-url", &consumer.url]).await;
    let ready = async || {
        let answer = backend.get("/readyz").await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    reply(backend.post("http-poll", &[event(1)]).await).await;
    assert_eq!(ready().await, (200, "ready\n".to_owned()));
    let waiting = tokio::spawn(backend.client.get(format!("{}/api/events?after=1&wait_ms=30000", backend.url)).send());

    relay.cut().await;
    // At first only by its own errors, then by the probe.
    refused_with_its_name(&backend).await;
    until("it is named", async || ready().await.1.starts_with("ready; not for http-poll: PostgreSQL: ")).await;
    assert_eq!(ready().await.0, 200, "two routes need no store");
    refused_with_its_name(&backend).await;
    is_refused("a reader that waits", waiting.await.unwrap().unwrap(), Some("postgres")).await;
    reply(backend.post("http-push", &[event(3)]).await).await;

    relay.mend().await;
    until("it is there again", async || ready().await.1 == "ready\n").await;
    reply(backend.post("http-poll", &[event(2)]).await).await;
    let numbers: Vec<_> = backend.page(0, 0).await.events.iter().filter_map(|stored| stored.event.sequence).collect();
    assert_eq!((numbers.first(), numbers.last()), (Some(&1), Some(&2)), "{numbers:?}");
}
