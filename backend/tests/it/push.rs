//! http-push: accepted after the consumer said so; refused, with a time to come back, while it is down.

use domain::Route;
use domain::api::Outcome;
use futures_util::future::select;

use crate::support::{Backend, FakeConsumer, event, problem, reply, until};

#[tokio::test]
async fn accepted_means_the_consumer_has_it() {
    let consumer = FakeConsumer::start(10).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url]).await;
    let first = reply(backend.post("http-push", &[event(1)]).await).await;
    assert_eq!(first.results[0].routes[Route::HttpPush], Outcome::Accepted);
    let again = reply(backend.post("http-push", &[event(1), event(2)]).await).await;
    assert_eq!(again.results[0].routes[Route::HttpPush], Outcome::Duplicate);
    assert_eq!(again.results[1].routes[Route::HttpPush], Outcome::Accepted);
}

#[tokio::test]
async fn concurrent_requests_become_few_forwards() {
    let consumer = FakeConsumer::start(0).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url]).await;
    let post = |number| {
        let (client, url) = (backend.client.clone(), format!("{}/api/events?route=http-push", backend.url));
        let body = serde_json::to_string(&[event(number)]).unwrap();
        tokio::spawn(client.post(url).header("content-type", domain::api::BATCH).body(body).send())
    };
    let mut posts = vec![post(1)];
    until("the first forward waits for its turn", async || consumer.forwards.lock().await.len() == 1).await;
    posts.extend((2..=20).map(post));
    let waiting = async || {
        let metrics =
            backend.client.get(format!("{}/metrics", backend.url)).send().await.unwrap().text().await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix("ese_queue_bytes{route=\"http-push\"} "));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or_default()
    };
    // The queue fills behind the first; only then the consumer gets to work.
    let all: usize = (1..=20).map(|number| serde_json::to_string(&[event(number)]).unwrap().len()).sum();
    until("all requests wait in the queue", async || waiting().await >= all as f64).await;
    consumer.turns.add_permits(20);
    for post in posts {
        reply(post.await.unwrap().unwrap()).await;
    }
    let forwards = consumer.forwards.lock().await;
    assert_eq!(forwards.iter().sum::<usize>(), 20);
    assert!(forwards.len() <= 3, "{forwards:?}: the queue went together");
    until("the queue is empty again", async || waiting().await == 0.0).await;
}

#[tokio::test]
async fn while_the_consumer_is_down_the_client_is_told_when_to_come_back() {
    let backend = Backend::start(&[]).await;
    let answer = backend.post("http-push", &[event(1)]).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let problem = problem(answer).await;
    assert!(problem.detail.contains("the consumer cannot be reached"), "{}", problem.detail);
    assert_eq!(problem.results.len(), 1);
}

#[tokio::test]
async fn with_all_routes_one_routes_trouble_is_its_own() {
    let backend = Backend::start(&[]).await;
    let reply = reply(backend.post("all", &[event(1)]).await).await;
    let labels: Vec<_> = reply.results[0].routes.values().map(Outcome::label).collect();
    assert_eq!(labels, ["retry", "accepted", "retry"], "no consumer, a store, no broker");
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let consumer = FakeConsumer::start(0).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url, "--queue-bytes", "1048576"]).await;
    let mut big = event(1);
    big.data = serde_json::json!("x".repeat(16_000));
    let batch = vec![big; 40];
    let body = serde_json::to_string(&batch).unwrap();
    let send = || Box::pin(backend.post_body("http-push", domain::api::BATCH, body.clone()));
    // Together they are more than the queue holds, and the consumer takes nothing yet: only a refusal can come back.
    let (refused, waits) = select(send(), send()).await.factor_first();
    assert_eq!(refused.status(), 503);
    assert!(problem(refused).await.detail.contains("queue for this route is full"));
    consumer.turns.add_permits(5);
    reply(waits.await).await;
}
