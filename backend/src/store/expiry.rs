//! The expiry of events; those that the consumer had not processed are counted, and the next one is measured.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::TryStreamExt;
use runtime::clock;
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};

/// How often to delete expired events.
const EVERY: Duration = Duration::from_secs(1);

impl Store {
    /// Deletes expired events until the service stops.
    pub async fn expire(self: Arc<Self>, stop: CancellationToken) -> anyhow::Result<()> {
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            match self.delete_expired().await {
                Ok(0) => (),
                Ok(unread) => {
                    metrics::counter!("ese_store_expired_unread_events_total").increment(unread);
                    tracing::warn!(events = unread, "events expired before the consumer read them: they are lost");
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "expired events were not deleted; trying again"
                    );
                }
            }
            if let Ok(bytes) = self.bytes().await {
                metrics::gauge!("ese_store_bytes").set(bytes as f64);
            }
            if let Ok(seconds) = self.oldest_expires_in().await {
                metrics::gauge!("ese_store_oldest_expires_seconds")
                    .set(seconds.map_or(f64::NAN, |seconds| seconds as f64));
            }
        }
        Ok(())
    }

    /// Whole seconds until the oldest event expires that the consumer has not processed; none if there is no such event.
    pub(super) async fn oldest_expires_in(&self) -> Result<Option<i64>, StoreError> {
        let oldest = sqlx::query_as(
            "SELECT expires_at FROM stored_pages WHERE last_position > $1 ORDER BY last_position LIMIT 1",
        )
        .bind(self.acknowledged.load(Ordering::Relaxed));
        let oldest: Option<(i64,)> = oldest.fetch_optional(&self.database.reader).await?;
        Ok(oldest.map(|(expires_at,)| (expires_at - clock::now().micros()).max(0) / 1_000_000))
    }

    /// Deletes expired events and returns how many of them the consumer had not processed.
    pub(super) async fn delete_expired(&self) -> Result<u64, StoreError> {
        let now = clock::now().micros();
        let acknowledged = self.acknowledged.load(Ordering::Relaxed);
        if !self.is_anything_new(now, acknowledged).await? {
            return Ok(0);
        }
        let mut transaction = self.database.begin().await?;
        // The row has the highest position that was acknowledged to any backend.
        let (acknowledged,): (i64,) = sqlx::query_as(
            "UPDATE head SET acknowledged = CASE WHEN acknowledged < $1 THEN $1 ELSE acknowledged END
             RETURNING acknowledged",
        )
        .bind(acknowledged)
        .fetch_one(&mut *transaction)
        .await?;
        let mut deleted = sqlx::query_as::<_, (i64, i64, i64)>(
            "DELETE FROM stored_pages WHERE expires_at < $1
             RETURNING first_position, last_position, OCTET_LENGTH(events)",
        )
        .bind(now)
        .fetch(&mut *transaction);
        let (mut unread, mut freed) = (0, 0);
        while let Some((first, last, bytes)) = deleted.try_next().await? {
            // A page may have been processed in part.
            unread += (last - acknowledged.max(first - 1)).max(0);
            freed += bytes;
        }
        drop(deleted);
        let update = sqlx::query("UPDATE head SET expired = expired + $1, bytes = bytes - $2").bind(unread).bind(freed);
        update.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(unread.unsigned_abs())
    }

    /// Whether there is something to write: an expired event, or an acknowledgement that is not stored yet.
    async fn is_anything_new(&self, now: i64, acknowledged: i64) -> Result<bool, StoreError> {
        let reader = &self.database.reader;
        let (written,): (i64,) = sqlx::query_as("SELECT acknowledged FROM head").fetch_one(reader).await?;
        let expired = sqlx::query("SELECT last_position FROM stored_pages WHERE expires_at < $1 LIMIT 1");
        Ok(written < acknowledged || expired.bind(now).fetch_optional(reader).await?.is_some())
    }
}
