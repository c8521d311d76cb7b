//! http-poll: what is accepted can be read, in order, until it expires.

use std::time::Duration;

use domain::Event;

use crate::support::{Backend, event, reply, until};

#[tokio::test]
async fn what_is_accepted_can_be_read_after_a_cursor() {
    let backend = Backend::start(&[]).await;
    reply(backend.post("http-poll", &(1..=5).map(event).collect::<Vec<_>>()).await).await;
    let page = backend.page(0, 0).await;
    assert_eq!(page.events.iter().map(|stored| stored.position).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let rest = backend.page(3, 0).await;
    assert_eq!(rest.events.iter().map(|stored| stored.event.sequence).collect::<Vec<_>>(), [Some(4), Some(5)]);
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
async fn concurrent_writers_leave_no_hole_and_no_double() {
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
async fn what_expires_unread_is_counted() {
    let backend = Backend::start(&["--store-ttl", "0.5"]).await;
    reply(backend.post("http-poll", &[event(1), event(2), event(3)]).await).await;
    // A reader that comes back with cursor 1 has had the first.
    backend.page(1, 0).await;
    until("two events expire unread", async || backend.page(1, 0).await.expired == 2).await;
    assert!(backend.page(1, 0).await.events.is_empty());
}

#[tokio::test]
async fn a_backend_that_starts_again_finds_its_store() {
    let first = Backend::start(&[]).await;
    reply(first.post("http-poll", &[event(1)]).await).await;
    let second = Backend::start_in(first.directory, &[]).await;
    reply(second.post("http-poll", &[event(2)]).await).await;
    assert_eq!(second.page(0, 0).await.head, 2);
}
