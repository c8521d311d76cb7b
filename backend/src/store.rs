//! The expiring store of http-poll: append in commit order, read after a cursor.

mod expiry;
mod latest;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Event;
use runtime::clock;
use runtime::database::{self, Database, placeholders};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

/// How long a reader that waits sleeps before it looks for what another backend has written.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Rows in one INSERT, well below SQLite's limit of 32,766 parameters.
const ROWS: usize = 500;

/// The store, open.
#[derive(Debug)]
pub struct Store {
    database: Database,
    ttl: Duration,
    /// The highest position committed by this process; waiting readers watch it.
    head: watch::Sender<i64>,
    /// The highest cursor a reader came with: all up to it has been processed.
    acknowledged: AtomicI64,
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the store's database failed")]
    Database(#[from] sqlx::Error),
    /// What is stored, or to be stored, is no JSON.
    #[error("an event cannot be written or read as JSON")]
    Json(#[from] serde_json::Error),
}

/// What a reader gets; the same shape as [`domain::api::Page`], with the events as they lie in the store.
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
        let database = database::open(url, &sqlx::migrate!()).await?;
        let (head, acknowledged): (i64, i64) =
            sqlx::query_as("SELECT position, acknowledged FROM head").fetch_one(&database.reader).await?;
        Ok(Self { database, ttl, head: watch::Sender::new(head), acknowledged: AtomicI64::new(acknowledged) })
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
        transaction.commit().await?;
        self.head.send_if_modified(|head| std::mem::replace(head, last.max(*head)) < last);
        Ok(())
    }

    /// Events after the cursor, at most `limit`; where there are none, waits up to `wait` for some.
    pub async fn read(&self, after: i64, limit: i64, wait: Duration) -> Result<RawPage, StoreError> {
        let deadline = tokio::time::Instant::now() + wait;
        let mut head = self.head.subscribe();
        loop {
            let page = self.page(after, limit).await?;
            // A cursor is an acknowledgement, but nobody can acknowledge what was never given out.
            self.acknowledged.fetch_max(after.min(page.head), Ordering::Relaxed);
            if !page.events.is_empty() || tokio::time::Instant::now() >= deadline {
                return Ok(page);
            }
            let look_again = deadline.min(tokio::time::Instant::now() + LOOK_AGAIN);
            // Either way it is time to look: something was committed here, or perhaps elsewhere.
            drop(tokio::time::timeout_at(look_again, head.wait_for(|&head| head > page.head)).await);
        }
    }

    async fn page(&self, after: i64, limit: i64) -> Result<RawPage, StoreError> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT position, event FROM stored_events WHERE position > $1 ORDER BY position LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(&self.database.reader)
                .await?;
        let (head, expired): (i64, i64) =
            sqlx::query_as("SELECT position, expired FROM head").fetch_one(&self.database.reader).await?;
        let events =
            rows.into_iter().map(|(position, event)| Ok(RawStored { position, event: RawValue::from_string(event)? }));
        Ok(RawPage { events: events.collect::<Result<_, serde_json::Error>>()?, head, expired })
    }
}
