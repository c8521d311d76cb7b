//! The expiring store of http-poll: append in commit order, read after a cursor.

mod expiry;
mod latest;
mod places;
#[cfg(test)]
pub(crate) mod tests;
mod waiting;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Event;
use futures_util::TryStreamExt;
use runtime::clock;
use runtime::database::{self, Database, placeholders};
use runtime::injected_fault;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use self::places::Places;

/// Rows in one INSERT, well below SQLite's limit of 32,766 parameters.
const ROWS: usize = 500;
/// The most bytes of events in one page, unless its first event alone has more.
const PAGE_BYTES: usize = 4 << 20;

/// The open store.
#[derive(Debug)]
pub struct Store {
    database: Database,
    ttl: Duration,
    /// The highest position that this process has seen committed; only waiting readers subscribe to it.
    head: watch::Sender<i64>,
    /// The highest position that the consumer has acknowledged: it has processed all events up to it.
    acknowledged: AtomicI64,
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
    /// Every place to wait is taken.
    #[error("too many readers wait for events already")]
    TooManyReaders,
}

/// A page for a reader; the same shape as [`domain::api::Page`], with the events as stored text.
#[derive(Debug, Serialize)]
pub struct RawPage {
    events: Vec<RawStored>,
    head: i64,
    expired: i64,
}

#[derive(Debug, Serialize)]
struct RawStored {
    position: i64,
    event: Box<RawValue>,
}

impl Store {
    /// Opens the store at `url`, whose events expire after `ttl`.
    pub async fn open(url: &str, ttl: Duration) -> anyhow::Result<Self> {
        let database = database::open(url, &[include_str!("../migrations/0001_store.sql")]).await?;
        let (head, acknowledged): (i64, i64) =
            sqlx::query_as("SELECT position, acknowledged FROM head").fetch_one(&database.reader).await?;
        let (head, acknowledged) = (watch::Sender::new(head), AtomicI64::new(acknowledged));
        Ok(Self { database, ttl, head, acknowledged, places: Places::default() })
    }

    /// Appends the events in one transaction; when this returns they are durable.
    pub async fn append(&self, events: &[Event]) -> Result<(), StoreError> {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let expires_at = clock::now().plus_millis(i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX)).micros();
        let mut transaction = self.database.begin().await?;
        let (last,): (i64,) = sqlx::query_as("UPDATE head SET position = position + $1 RETURNING position")
            .bind(count)
            .fetch_one(&mut *transaction)
            .await?;
        let mut position = last - count;
        for chunk in events.chunks(ROWS) {
            let rows = placeholders(chunk.len(), 3);
            let sql = format!("INSERT INTO stored_events (position, expires_at, event) VALUES {rows}");
            let mut insert = sqlx::query(AssertSqlSafe(sql));
            for event in chunk {
                position += 1;
                insert = insert.bind(position).bind(expires_at).bind(serde_json::to_string(event)?);
            }
            insert.execute(&mut *transaction).await?;
        }
        injected_fault::before_commit(0).await;
        transaction.commit().await?;
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

    /// The events after a position that fit into one page.
    async fn page(&self, after: i64, limit: i64) -> Result<RawPage, StoreError> {
        // The head is read before the events: an event that is committed in between is past it, and wakes a waiting reader.
        let (head, expired): (i64, i64) =
            sqlx::query_as("SELECT position, expired FROM head").fetch_one(&self.database.reader).await?;
        self.committed(head);
        let mut rows =
            sqlx::query_as("SELECT position, event FROM stored_events WHERE position > $1 ORDER BY position LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch(&self.database.reader);
        let mut page = RawPage { events: Vec::new(), head, expired };
        let mut bytes = 0;
        while let Some((position, event)) = rows.try_next().await? {
            let event: String = event;
            bytes += event.len();
            if bytes > PAGE_BYTES && !page.events.is_empty() {
                break;
            }
            page.events.push(RawStored { position, event: RawValue::from_string(event)? });
            page.head = page.head.max(position);
        }
        Ok(page)
    }
}
