//! http-push: accepted after the consumer's answer; refused, with a time to try again, while it is down.

use std::sync::Arc;
use std::time::Duration;

use backend::sink::{self, Batch, Sink, SinkError, Taken, Verdict};
use domain::api::Outcome;
use domain::ledger::CLOSED;
use domain::{Event, Route};
use futures_util::future::{join_all, select};
use runtime::service::Tasks;
use runtime::testing::until;

use crate::support::{Backend, FakeConsumer, closed, event, large, problem, refused, reply};

/// Sends the batches at the same time, so that they go together, and returns the verdicts of each.
async fn send_together(consumer: &FakeConsumer, batches: Vec<Vec<Event>>) -> Vec<Vec<Verdict>> {
    let mut tasks = Tasks::default();
    let push = sink::push::start(&mut tasks, &consumer.url, &Default::default(), 32 << 20).unwrap();
    let sent = batches.into_iter().map(|events| push.send(Batch { events: events.into(), bytes: 1000 }));
    join_all(sent).await
}

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
async fn an_event_of_a_closed_ledger_is_rejected_with_the_reason_and_the_others_are_accepted() {
    let consumer = FakeConsumer::start(10).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url]).await;
    let answer = reply(backend.post("http-push", &[event(1), closed(2), event(3)]).await).await;
    let outcomes: Vec<&Outcome> = answer.results.iter().map(|result| &result.routes[Route::HttpPush]).collect();
    let rejected = Outcome::Rejected { reason: CLOSED.to_owned() };
    assert_eq!(outcomes, [&Outcome::Accepted, &rejected, &Outcome::Accepted]);
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
        let metrics = backend.get("/metrics").await.text().await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix("ese_queue_bytes{route=\"http-push\"} "));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or_default()
    };
    // The queue fills behind the first; only then the consumer takes it.
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
async fn while_the_consumer_is_down_the_answer_has_a_time_to_try_again() {
    let backend = Backend::start(&[]).await;
    let answer = backend.post("http-push", &[event(1)]).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let problem = problem(answer).await;
    assert!(problem.detail.contains("the consumer cannot be reached"), "{}", problem.detail);
    assert_eq!(problem.results.len(), 1);
}

#[tokio::test]
async fn an_error_on_one_route_does_not_affect_the_others() {
    let backend = Backend::start(&[]).await;
    let reply = reply(backend.post("all", &[event(1)]).await).await;
    let outcomes: Vec<_> = reply.results[0].routes.values().collect();
    // No consumer, a store, no broker.
    assert!(matches!(outcomes[..], [Outcome::Retry { .. }, Outcome::Accepted, Outcome::Retry { .. }]), "{outcomes:?}");
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let consumer = FakeConsumer::start(0).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url, "--queue-bytes", "1048576"]).await;
    let body = serde_json::to_string(&vec![large(1); 40]).unwrap();
    let send = || Box::pin(backend.post_body("http-push", domain::api::BATCH, body.clone()));
    // Together they are more than the queue holds, and the consumer takes nothing yet: only a refusal can be the answer.
    let (refused, waits) = select(send(), send()).await.factor_first();
    assert_eq!(refused.status(), 503);
    assert!(problem(refused).await.detail.contains("queue for this route is full"));
    consumer.turns.add_permits(5);
    reply(waits.await).await;
}

#[tokio::test]
async fn at_most_once_the_answer_waits_for_nobody_and_the_queue_is_still_bounded() {
    // The consumer takes nothing: no answer of it can be awaited.
    let consumer = FakeConsumer::start(0).await;
    let flags = ["--consumer-url", &consumer.url, "--queue-bytes", "1048576", "--guarantee", "http-push=at-most-once"];
    let backend = Backend::start(&flags).await;
    let batch = vec![large(1); 40];
    let accepted = reply(backend.post("http-push", &batch).await).await;
    assert!(accepted.results.iter().all(|result| result.routes[Route::HttpPush] == Outcome::Accepted));
    let refused = backend.post("http-push", &batch).await;
    assert_eq!(refused.status(), 503);
    assert!(problem(refused).await.detail.contains("queue for this route is full"));
    consumer.turns.add_permits(1);
    until("it was forwarded all the same", async || *consumer.forwards.lock().await == [40]).await;
}

#[tokio::test]
async fn an_event_that_the_consumer_refuses_is_rejected_alone() {
    for status in [400, 413, 422] {
        let consumer = FakeConsumer::start(100).await;
        let batches = vec![vec![event(1), refused(2, status), event(3)], vec![event(4), event(5)]];
        let verdicts = send_together(&consumer, batches).await;
        let reason = match &verdicts[0][1] {
            Err(SinkError::Rejected { reason }) => reason,
            other => panic!("{status}: {other:?}"),
        };
        assert!(reason.contains("An event is not to the consumer's liking."), "{reason}");
        assert!(reason.len() < 400, "the reason is {} bytes long", reason.len());
        assert_eq!([&verdicts[0][0], &verdicts[0][2]], [&Ok(Taken::New); 2], "{status}");
        assert_eq!(verdicts[1], [Ok(Taken::New), Ok(Taken::New)], "{status}: the other client is not touched");
        let forwards = consumer.forwards.lock().await;
        assert_eq!(forwards[0], 5, "all went together");
        assert!(forwards.len() < 10, "{forwards:?}: less than two for each event");
    }
}

#[tokio::test]
async fn refusing_all_events_takes_fewer_than_two_requests_for_each() {
    let consumer = FakeConsumer::start(1000).await;
    let verdicts = send_together(&consumer, vec![(1..=100).map(|number| refused(number, 400)).collect()]).await;
    assert!(verdicts[0].iter().all(|verdict| matches!(verdict, Err(SinkError::Rejected { .. }))));
    assert_eq!(consumer.forwards.lock().await.len(), 199);
}

#[tokio::test]
async fn other_statuses_are_retryable_after_the_consumers_time() {
    for status in [401, 403, 404, 408, 429, 500, 503] {
        let consumer = FakeConsumer::start(100).await;
        let verdicts = send_together(&consumer, vec![vec![event(1), refused(2, status)]]).await;
        for verdict in &verdicts[0] {
            let Err(SinkError::Retryable { after, reason }) = verdict else { panic!("{verdict:?}") };
            assert_eq!(*after, Duration::from_secs(7));
            let begins = reason.starts_with(&format!("the consumer answered {status} "));
            assert!(begins && reason.contains(": An event is not to"), "{reason}: it has the consumer's own reason");
        }
        assert_eq!(*consumer.forwards.lock().await, [2], "{status}");
    }
}

#[tokio::test]
async fn committed_events_stay_accepted_when_the_rest_fails() {
    let consumer = FakeConsumer::start(100).await;
    let batch = vec![event(1), event(2), refused(3, 400), refused(4, 503)];
    let verdicts = send_together(&consumer, vec![batch]).await;
    let labels = verdicts[0].iter().map(|verdict| match verdict {
        Ok(_) => "accepted",
        Err(SinkError::Rejected { .. }) => "rejected",
        Err(SinkError::Retryable { .. }) => "retry",
    });
    assert_eq!(labels.collect::<Vec<_>>(), ["accepted", "accepted", "rejected", "retry"]);
}

#[tokio::test]
async fn a_forward_is_bounded_by_the_bytes_that_are_sent() {
    // The queue goes by the sizes of the requests; these are said to be smaller than the events are.
    let batch: Arc<[Event]> = vec![large(1); 200].into();
    batch[0].validate().unwrap();
    let consumer = FakeConsumer::start(100).await;
    let mut tasks = Tasks::default();
    let push = sink::push::start(&mut tasks, &consumer.url, &Default::default(), 32 << 20).unwrap();
    let sent = [0; 3].map(|_| push.send(Batch { events: batch.clone(), bytes: 1000 }));
    assert!(join_all(sent).await.iter().flatten().all(Result::is_ok));
    let sizes = consumer.sizes.lock().await;
    assert!(sizes.iter().sum::<usize>() > 8 << 20, "{sizes:?}: together they are more than the consumer takes");
    assert!(sizes.iter().all(|&size| size <= 4 << 20), "{sizes:?}");
}
