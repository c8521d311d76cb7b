//! Pages of many events: read, listed, acknowledged and deleted in part, on both databases.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::Event;
use domain::api::{Page, Stored};
use runtime::database;
use serde_json::json;

use super::{LARGE, LONG, batch, event};
use crate::store::{MIGRATIONS, Store, StoreError};

/// Runs each test on both databases.
macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                let directory = tempfile::tempdir().unwrap();
                super::$test(&super::super::url(&directory)).await;
            })*
        }

        mod on_postgresql {
            $(#[tokio::test]
            async fn $test() {
                let Some(url) = runtime::testing::new_postgres("store").await else { return };
                super::$test(&url).await;
            })*
        }
    };
}

on_both_databases! {
    pages_are_read_from_any_position_up_to_any_limit,
    events_come_back_as_they_were,
    a_page_that_is_acknowledged_in_part_expires_with_its_other_events_unread,
    an_old_store_keeps_its_events,
    the_latest_events_are_bounded_by_count_and_bytes,
    a_full_store_gives_up_processed_events_and_refuses_when_there_are_none,
    there_is_room_again_once_events_have_expired,
    a_store_far_past_its_bound_gives_up_all_that_is_processed,
}

async fn read(store: &Store, after: i64, limit: i64) -> Page {
    let raw = store.page(after, limit).await.unwrap();
    let count = raw.count;
    let page: Page = serde_json::from_str(&raw.into_json()).unwrap();
    assert_eq!(i64::try_from(page.events.len()).unwrap(), count);
    page
}

async fn positions(store: &Store, after: i64, limit: i64) -> Vec<i64> {
    read(store, after, limit).await.events.iter().map(|stored| stored.position).collect()
}

async fn pages_are_read_from_any_position_up_to_any_limit(url: &str) {
    let store = Store::open(url, LONG, LARGE).await.unwrap();
    for count in [3, 5, 1, 4] {
        store.append(&batch(count)).await.unwrap();
    }
    for (after, limit) in (0..=14).flat_map(|after| (1..=14).map(move |limit| (after, limit))) {
        let expected: Vec<i64> = (after + 1..=13_i64.min(after + limit)).collect();
        assert_eq!(positions(&store, after, limit).await, expected, "after {after}, at most {limit}");
    }
}

async fn events_come_back_as_they_were(url: &str) {
    let store = Store::open(url, LONG, LARGE).await.unwrap();
    // Line feeds between tokens and in a string: each event still takes one line in the store.
    let data = serde_json::from_str("{\n  \"lines\": [\r\n    \"one\\ntwo\", \"\u{2028}\"\n  ]\n}").unwrap();
    let long = Event { data, ..event() };
    store.append(&[[event(), long.clone()].into(), [event()].into()]).await.unwrap();
    let stored = |(position, event)| Stored { position, event };
    let events = (1..).zip([event(), long, event()]).map(stored).collect();
    assert_eq!(read(&store, 0, 10).await, Page { events, head: 3, expired: 0 });
    assert_eq!(read(&store, 3, 10).await, Page { events: Vec::new(), head: 3, expired: 0 });
}

async fn a_page_that_is_acknowledged_in_part_expires_with_its_other_events_unread(url: &str) {
    let store = Store::open(url, Duration::ZERO, LARGE).await.unwrap();
    for count in [2, 5, 2] {
        store.append(&batch(count)).await.unwrap();
    }
    store.acknowledge(5);
    assert_eq!(store.oldest_expires_in().await.unwrap(), Some(0), "two events of the page are not processed");
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(store.delete_expired().await.unwrap(), 4, "the events 6 to 9");
    assert_eq!(store.oldest_expires_in().await.unwrap(), None);
    assert_eq!(read(&store, 0, 10).await, Page { events: Vec::new(), head: 9, expired: 4 });
    store.append(&batch(3)).await.unwrap();
    store.acknowledge(12);
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(store.delete_expired().await.unwrap(), 0, "all are processed");
}

async fn an_old_store_keeps_its_events(url: &str) {
    let old = database::open(url, &MIGRATIONS[..1]).await.unwrap();
    for position in 4..=6_i64 {
        let insert = "INSERT INTO stored_events (position, expires_at, event) VALUES ($1, $2, $3)";
        let insert = sqlx::query(insert).bind(position).bind(i64::MAX).bind(serde_json::to_string(&event()).unwrap());
        insert.execute(&old.writer).await.unwrap();
    }
    let head = sqlx::query("UPDATE head SET position = 6, acknowledged = 5, expired = 3");
    head.execute(&old.writer).await.unwrap();
    old.reader.close().await;
    old.writer.close().await;
    let store = Store::open(url, LONG, LARGE).await.unwrap();
    store.append(&batch(2)).await.unwrap();
    let page = read(&store, 0, 10).await;
    assert_eq!(page.events.iter().map(|stored| stored.position).collect::<Vec<_>>(), [4, 5, 6, 7, 8]);
    assert!(page.events.iter().all(|stored| stored.event == event()));
    assert_eq!((page.head, page.expired, store.acknowledged.load(Ordering::Relaxed)), (8, 3, 5));
    // Three pages of one event, and one of two with a line feed between them.
    assert_eq!(store.bytes().await.unwrap(), 5 * size(1) + 1, "the bytes of the old events are counted");
}

async fn the_latest_events_are_bounded_by_count_and_bytes(url: &str) {
    let store = Store::open(url, LONG, LARGE).await.unwrap();
    let numbered = |number: u64| Event { data: json!(number).into(), ..event() };
    for page in [1..=2, 3..=5] {
        store.append(&[page.map(numbered).collect()]).await.unwrap();
    }
    let one = serde_json::to_string(&numbered(1)).unwrap().len();
    let bounds = [(10, 1000, 1), (4, 1000, 2), (3, 1000, 3), (1, 1000, 5), (10, 4, 2), (10, 3, 3), (10, 1, 5)];
    for (most, long, first) in bounds {
        let latest = store.latest(most, long * one).await.unwrap();
        let numbers: Vec<u64> = latest.iter().map(|event| event.data.read()).collect();
        assert_eq!(numbers, (first..=5).collect::<Vec<_>>(), "at most {most} events, the bytes of {long}");
    }
    assert!(store.latest(10, one - 1).await.unwrap().is_empty());
}

/// The bytes of a page of so many events, without the line feeds.
fn size(events: usize) -> i64 {
    (events * serde_json::to_string(&event()).unwrap().len()) as i64
}

async fn a_full_store_gives_up_processed_events_and_refuses_when_there_are_none(url: &str) {
    let store = Store::open(url, LONG, size(10).unsigned_abs()).await.unwrap();
    for _ in 0..10 {
        store.append(&batch(1)).await.unwrap();
    }
    for _ in 0..2 {
        let refused = store.append(&batch(1)).await.unwrap_err();
        // The oldest event expires within a minute; the consumer may make room before.
        assert!(matches!(refused, StoreError::Full { after } if after == Duration::from_secs(30)), "{refused:?}");
    }
    assert_eq!(positions(&store, 0, 100).await, (1..=10).collect::<Vec<_>>(), "a refusal takes nothing");
    store.acknowledge(4);
    store.append(&batch(1)).await.unwrap();
    assert_eq!(positions(&store, 0, 100).await, (3..=11).collect::<Vec<_>>(), "one for the event, and one to spare");
    let refused = store.append(&batch(4)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full { .. }), "only two events are processed");
    store.acknowledge(11);
    store.append(&batch(4)).await.unwrap();
    // The line feeds of the page take the room of an event.
    assert_eq!(positions(&store, 0, 100).await, (7..=15).collect::<Vec<_>>());
    assert_eq!(store.bytes().await.unwrap(), size(9) + 3);
    assert_eq!(read(&store, 0, 100).await.expired, 0, "what was given up was processed");
}

async fn there_is_room_again_once_events_have_expired(url: &str) {
    let store = Store::open(url, Duration::from_millis(300), size(2).unsigned_abs()).await.unwrap();
    store.append(&batch(1)).await.unwrap();
    store.append(&batch(1)).await.unwrap();
    let refused = store.append(&batch(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full { after } if after == Duration::from_millis(500)), "{refused:?}");
    tokio::time::sleep(Duration::from_millis(310)).await;
    assert_eq!(store.delete_expired().await.unwrap(), 2);
    assert_eq!(store.bytes().await.unwrap(), 0);
    store.append(&batch(1)).await.unwrap();
    assert_eq!(positions(&store, 0, 100).await, [3]);
    let disk = store.disk().await.unwrap();
    let kept = &disk.kept[0];
    assert_eq!((kept.rows, kept.bytes, kept.most_bytes), (1, size(1).unsigned_abs(), size(2).unsigned_abs()));
    assert!(disk.database_bytes > kept.bytes);
}

async fn a_store_far_past_its_bound_gives_up_all_that_is_processed(url: &str) {
    let count = 45_000_i64;
    let store = Store::open(url, LONG, LARGE).await.unwrap();
    let insert = sqlx::query(
        "INSERT INTO stored_pages (last_position, first_position, expires_at, events)
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 45000)
         SELECT number, number, $1, $2 FROM numbers",
    );
    let events = serde_json::to_string(&event()).unwrap();
    insert.bind(i64::MAX).bind(events).execute(&store.database.writer).await.unwrap();
    let head = sqlx::query("UPDATE head SET position = $1, acknowledged = $1 - 3, bytes = $2");
    head.bind(count).bind(count * size(1)).execute(&store.database.writer).await.unwrap();
    let store = Store::open(url, LONG, size(4).unsigned_abs()).await.unwrap();
    store.append(&batch(1)).await.unwrap();
    assert_eq!(positions(&store, 0, 100).await, (count - 2..=count + 1).collect::<Vec<_>>());
    assert_eq!(store.bytes().await.unwrap(), size(4));
    let refused = store.append(&batch(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full { .. }), "no more is processed");
}
