//! http-poll: accepted events can be read, in order, until they expire.

use std::time::Duration;

use axum::http::HeaderMap;
use domain::Event;
use domain::api::{DiskView, Page};
use reqwest::Response;
use runtime::testing::until;

use crate::support::{Backend, event, large, problem, reply, secret};

async fn ask(backend: &Backend, query: &str, headers: HeaderMap) -> Response {
    let request = backend.client.get(format!("{}/api/events?{query}", backend.url)).headers(headers);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_reader_that_waits_is_woken() {
    let backend = Backend::start(&[]).await;
    let begun = std::time::Instant::now();
    let (page, _) = tokio::join!(backend.page(0, 20_000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        reply(backend.post("http-poll", &[event(1)]).await).await
    });
    assert_eq!(page.events.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(15), "it waited to the end");
}

#[tokio::test]
async fn concurrent_writers_leave_no_gap_and_no_duplicate() {
    let backend = Backend::start(&[]).await;
    let batches: Vec<Vec<Event>> = (0..40).map(|batch| (1..=25).map(|n| event(batch * 25 + n)).collect()).collect();
    let posts = batches.iter().map(|batch| async { reply(backend.post("http-poll", batch).await).await });
    futures_util::future::join_all(posts).await;
    let page = backend.page(0, 0).await;
    assert_eq!(page.events.iter().map(|stored| stored.position).collect::<Vec<_>>(), (1..=1000).collect::<Vec<_>>());
    let numbers: std::collections::BTreeSet<_> = page.events.iter().map(|stored| stored.event.sequence).collect();
    assert_eq!(numbers.len(), 1000);
}

#[tokio::test]
async fn events_that_expire_unacknowledged_are_counted_even_if_another_reader_had_them() {
    let (file, peer) = secret();
    let flags = ["--store-ttl", "0.5", "--peer-token-file", file.path().to_str().unwrap()];
    let backend = Backend::start(&flags).await;
    reply(backend.post("http-poll", &[event(1), event(2), event(3)]).await).await;
    // Another reader reads all of them, and may not acknowledge them; the consumer has processed the first.
    assert!(backend.page(3, 0).await.events.is_empty());
    assert_eq!(problem(ask(&backend, "acknowledged=3", HeaderMap::new()).await).await.status, 401);
    assert_eq!(ask(&backend, "after=1&acknowledged=1", peer).await.status(), 200);
    until("all have expired", async || backend.page(0, 0).await.events.is_empty()).await;
    until("two were lost unread", async || backend.page(3, 0).await.expired == 2).await;
}

#[tokio::test]
async fn a_position_that_was_never_given_out_cannot_be_acknowledged() {
    let backend = Backend::start(&["--store-ttl", "0.5"]).await;
    assert_eq!(ask(&backend, "acknowledged=100", HeaderMap::new()).await.status(), 200);
    assert_eq!(problem(ask(&backend, "acknowledged=-1", HeaderMap::new()).await).await.status, 400);
    reply(backend.post("http-poll", &[event(1)]).await).await;
    until("it was lost unread", async || backend.page(0, 0).await.expired == 1).await;
}

#[tokio::test]
async fn a_page_is_bounded_in_bytes_and_no_event_is_left_out() {
    let backend = Backend::start(&[]).await;
    let numbers: Vec<u64> = (1..=400).collect();
    for batch in numbers.chunks(50) {
        let events: Vec<Event> = batch.iter().copied().map(large).collect();
        reply(backend.post("http-poll", &events).await).await;
    }
    let (mut cursor, mut read, mut pages) = (0, Vec::new(), 0);
    while read.len() < numbers.len() {
        let answer = ask(&backend, &format!("after={cursor}"), HeaderMap::new()).await.text().await.unwrap();
        assert!(answer.len() < 5 << 20, "a page has {} bytes", answer.len());
        let page: Page = serde_json::from_str(&answer).unwrap();
        cursor = page.events.last().unwrap().position;
        read.extend(page.events.iter().filter_map(|stored| stored.event.sequence));
        pages += 1;
    }
    assert_eq!(read, numbers);
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn waiting_readers_are_bounded_and_other_readers_do_not_block_the_consumer() {
    let (file, peer) = secret();
    let backend = Backend::start(&["--peer-token-file", file.path().to_str().unwrap()]).await;
    let mut strangers = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (client, url) = (backend.client.clone(), format!("{}/api/events?wait_ms=30000", backend.url));
        strangers.spawn(async move { client.get(url).send().await.unwrap() });
    }
    // Four are too many and are refused at once; all others wait.
    for _ in 0..4 {
        let refused = strangers.join_next().await.unwrap().unwrap();
        assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
    }
    assert_eq!(ask(&backend, "wait_ms=1", HeaderMap::new()).await.status(), 503);
    assert_eq!(
        ask(&backend, "wait_ms=0", HeaderMap::new()).await.status(),
        200,
        "a reader that does not wait takes no place"
    );
    assert_eq!(ask(&backend, "wait_ms=1", peer).await.status(), 200);
    reply(backend.post("http-poll", &[event(1)]).await).await;
    let answers = strangers.join_all().await;
    assert!(answers.len() == 56 && answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(ask(&backend, "after=1&wait_ms=1", HeaderMap::new()).await.status(), 200, "their places are free again");
}

#[tokio::test]
async fn the_store_survives_a_restart() {
    let first = Backend::start(&[]).await;
    reply(first.post("http-poll", &[event(1)]).await).await;
    let second = Backend::start_in(first.directory, &[]).await;
    reply(second.post("http-poll", &[event(2)]).await).await;
    assert_eq!(second.page(0, 0).await.head, 2);
}

#[tokio::test]
async fn a_full_store_refuses_with_the_time_to_come_back_until_the_consumer_has_processed_events() {
    const BYTES: u64 = 16 << 20;
    let backend = Backend::start(&["--store-bytes", &BYTES.to_string()]).await;
    let disk = async || backend.get("/api/disk/backend").await.json::<DiskView>().await.unwrap();
    let (mut last, mut accepted) = (0, 0);
    let refused = loop {
        let events: Vec<Event> = (last + 1..=last + 50).map(large).collect();
        let answer = backend.post("http-poll", &events).await;
        if answer.status() != 200 {
            break answer;
        }
        (last, accepted) = (last + 50, accepted + 50);
        assert!(last < 2000, "nothing is refused");
    };
    assert_eq!(refused.status(), 503);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    let detail = problem(refused).await.detail;
    assert!(detail.contains("http-poll's store is full of events that the consumer has not processed"), "{detail}");
    let full = disk().await.kept.remove(0);
    assert!((BYTES - (1 << 20)..=BYTES).contains(&full.bytes) && full.most_bytes == BYTES, "{full:?}");

    let page = backend.page(accepted, 0).await;
    assert_eq!((page.head, page.expired), (accepted, 0), "nothing of the refused request is stored, none is lost");
    // Without a secret everybody is a peer.
    assert_eq!(ask(&backend, &format!("acknowledged={}", page.head), HeaderMap::new()).await.status(), 200);
    let events: Vec<Event> = (last + 1..=last + 50).map(large).collect();
    reply(backend.post("http-poll", &events).await).await;
    let freed = disk().await.kept.remove(0);
    assert!(freed.bytes <= BYTES && freed.rows <= full.rows, "{full:?} {freed:?}");
    assert_eq!(backend.page(accepted, 0).await.events.len(), 50);
}
