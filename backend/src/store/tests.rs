//! The store with other backends on the same database, and while it is idle.

mod pages;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Event;
use sqlx::{AnyConnection, Connection, Executor};
use tokio_util::sync::CancellationToken;

use super::{Cursor, Store, StoreError};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(60);
/// More bytes than any test stores.
const LARGE: u64 = 1 << 30;

pub(crate) fn event() -> Event {
    serde_json::from_value(serde_json::json!({
        "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/elsewhere", "type": "ese.click-stream.key-press",
        "time": "2026-01-31T12:00:00Z"
    }))
    .unwrap()
}

/// One batch of so many events.
fn batch(count: usize) -> [Arc<[Event]>; 1] {
    [vec![event(); count].into()]
}

fn url(directory: &tempfile::TempDir) -> String {
    format!("sqlite://{}/store.db", directory.path().display())
}

#[tokio::test]
async fn nothing_is_written_while_no_event_has_expired() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&directory), LONG, LARGE).await.unwrap();
    store.append(&batch(1)).await.unwrap();
    // While another connection writes, a second writer waits ten seconds and fails.
    let mut writer = AnyConnection::connect(&url(&directory)).await.unwrap();
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(store.delete_expired().await.unwrap(), 0);
    writer.execute("ROLLBACK").await.unwrap();
    store.acknowledge(1);
    assert_eq!(store.delete_expired().await.unwrap(), 0);
    let (acknowledged,): (i64,) = sqlx::query_as("SELECT acknowledged FROM head").fetch_one(&mut writer).await.unwrap();
    assert_eq!(acknowledged, 1, "an acknowledgement is written");
}

#[tokio::test]
async fn the_oldest_event_that_is_not_processed_expires_next() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&directory), LONG, LARGE).await.unwrap();
    assert_eq!(store.oldest_expires_in().await.unwrap(), None);
    store.append(&batch(1)).await.unwrap();
    let seconds = store.oldest_expires_in().await.unwrap();
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{seconds:?}");
    store.acknowledge(1);
    assert_eq!(store.oldest_expires_in().await.unwrap(), None, "it is processed");
}

#[tokio::test]
async fn a_reader_is_woken_by_an_event_of_another_backend() {
    let directory = tempfile::tempdir().unwrap();
    let open = async || Store::open(&url(&directory), LONG, LARGE).await.unwrap();
    let (here, there) = (Arc::new(open().await), open().await);
    let stop = CancellationToken::new();
    let looking = tokio::spawn(here.clone().look(stop.clone()));
    let reading = tokio::spawn(wait(here.clone(), LONG));
    until_waiting(&here, 1).await;
    there.append(&batch(1)).await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), 1);
    stop.cancel();
    looking.await.unwrap().unwrap();
}

#[tokio::test]
async fn readers_send_no_queries_while_they_wait() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&url(&directory), LONG, LARGE).await.unwrap());
    let waiting = (0..50).map(|_| tokio::spawn(wait(store.clone(), Duration::from_secs(2)))).collect::<Vec<_>>();
    until_waiting(&store, waiting.len()).await;
    // A query would fail from now on.
    store.database.reader.close().await;
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().unwrap(), 0);
    }
}

/// Waits for events from the beginning and counts them.
async fn wait(store: Arc<Store>, wait: Duration) -> Result<i64, StoreError> {
    store.read(Cursor { after: 0, limit: 10, wait, peer: false }).await.map(|page| page.count)
}

async fn until_waiting(store: &Store, count: usize) {
    let deadline = Instant::now() + LONG;
    while store.head.receiver_count() < count {
        assert!(Instant::now() < deadline, "never: {count} readers wait");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
