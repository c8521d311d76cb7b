//! The expiring store of http-poll: append in commit order, read after a cursor. It is bounded by time and in bytes.

mod expiry;
pub mod feed_page;
mod latest;
mod long_poll;
mod long_poll_limit;
mod needed;
mod size_limit;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use domain::Event;
use runtime::clock;
use runtime::database::{self, Database};
use runtime::injected_fault;
use serde::ser::Error as _;
use tokio::sync::watch;

use self::long_poll_limit::Places;

/// The changes of the schema, in their order.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_store.sql"),
    include_str!("../migrations/0002_pages.sql"),
    include_str!("../migrations/0003_bytes.sql"),
];

/// The open store.
#[derive(Debug)]
pub struct Store {
    database: Database,
    ttl: Duration,
    most_bytes: i64,
    /// The highest position that this process has seen committed; only waiting readers subscribe to it.
    head: watch::Sender<i64>,
    /// The highest position that the consumer has acknowledged: it has processed all events up to it.
    acknowledged: AtomicI64,
    /// Whether the last events were refused because there was no room.
    is_full: AtomicBool,
    places: Places,
}

/// The query of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Only events after this position.
    pub after: i64,
    /// At most this many.
    pub limit: i64,
    /// How long to wait for the first one.
    pub wait: Duration,
    /// Whether the reader is one of the services: some places are reserved for them.
    pub peer: bool,
}

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the store's database failed")]
    Database(#[from] sqlx::Error),
    /// An event cannot be written or read as JSON.
    #[error("an event cannot be written or read as JSON")]
    Json(#[from] serde_json::Error),
    /// There is no room for more events.
    #[error("http-poll's store is full of events that the consumer has not processed")]
    Full {
        /// When there may be room.
        after: Duration,
    },
    /// Every place to wait is taken.
    #[error("too many readers wait for events already")]
    TooManyReaders,
}

impl Store {
    /// Opens the store at `url`, whose events expire after `ttl` and take at most `most_bytes`.
    pub async fn open(url: &str, ttl: Duration, most_bytes: u64) -> anyhow::Result<Self> {
        let database = database::open(url, &MIGRATIONS).await?;
        let (head, acknowledged): (i64, i64) =
            sqlx::query_as("SELECT position, acknowledged FROM head").fetch_one(&database.reader).await?;
        let (head, acknowledged) = (watch::Sender::new(head), AtomicI64::new(acknowledged));
        let (most_bytes, is_full) = (i64::try_from(most_bytes).unwrap_or(i64::MAX), AtomicBool::new(false));
        Ok(Self { database, ttl, most_bytes, head, acknowledged, is_full, places: Places::default() })
    }

    /// The database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Appends the events in one transaction, as one page; when this returns they are durable. All or none of them are taken.
    pub async fn append(&self, batches: &[Arc<[Event]>]) -> Result<(), StoreError> {
        let (count, events) = lines(batches)?;
        if count == 0 {
            return Ok(());
        }
        let expires_at = clock::now().plus_millis(i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX)).micros();
        let mut transaction = self.database.begin().await?;
        let (last, bytes, acknowledged): (i64, i64, i64) = sqlx::query_as(
            "UPDATE head SET position = position + $1, bytes = bytes + $2,
             acknowledged = CASE WHEN acknowledged < $3 THEN $3 ELSE acknowledged END
             RETURNING position, bytes, acknowledged",
        )
        .bind(count)
        .bind(i64::try_from(events.len()).unwrap_or(i64::MAX))
        .bind(self.acknowledged.load(Ordering::Relaxed))
        .fetch_one(&mut *transaction)
        .await?;
        self.make_room(&mut transaction, bytes - self.most_bytes, acknowledged).await?;
        let insert =
            "INSERT INTO stored_pages (last_position, first_position, expires_at, events) VALUES ($1, $2, $3, $4)";
        let insert = sqlx::query(insert).bind(last).bind(last - count + 1).bind(expires_at).bind(events);
        insert.execute(&mut *transaction).await?;
        injected_fault::before_commit(0).await;
        transaction.commit().await?;
        self.had_room();
        self.committed(last);
        Ok(())
    }

    /// Notes that the consumer has processed all events up to `position`.
    ///
    /// A position that this process has not seen committed has no effect: it is from another store.
    pub fn acknowledge(&self, position: i64) {
        if position <= *self.head.borrow() {
            self.acknowledged.fetch_max(position, Ordering::Relaxed);
        }
    }

    /// Wakes the readers that wait if `position` is new.
    fn committed(&self, position: i64) {
        self.head.send_if_modified(|head| std::mem::replace(head, position.max(*head)) < position);
    }
}

/// How many events these are, and their JSON, one event per line.
fn lines(batches: &[Arc<[Event]>]) -> serde_json::Result<(i64, String)> {
    let (mut count, mut lines) = (0, Vec::new());
    for event in batches.iter().flat_map(|batch| batch.iter()) {
        if count > 0 {
            lines.push(b'\n');
        }
        serde_json::to_writer(&mut lines, event)?;
        count += 1;
    }
    Ok((count, String::from_utf8(lines).map_err(serde_json::Error::custom)?))
}
