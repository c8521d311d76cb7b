//! Readers that wait for events: bounded in number, and woken together, so that they send no queries while they wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::feed_page::RawPage;
use super::{Cursor, Store, StoreError};

/// How often to look for events of other backends while a reader waits.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

impl Store {
    /// The events after the cursor; waits for the first one.
    pub async fn read(&self, cursor: Cursor) -> Result<RawPage, StoreError> {
        let deadline = Instant::now() + cursor.wait;
        let mut page = self.page(cursor.after, cursor.limit).await?;
        if page.count > 0 || cursor.wait.is_zero() {
            return Ok(page);
        }
        let _place = self.places.take(cursor.peer).ok_or(StoreError::TooManyReaders)?;
        let mut head = self.head.subscribe();
        while page.count == 0 && timeout_at(deadline, head.wait_for(|&head| head > page.head)).await.is_ok() {
            page = self.page(cursor.after, cursor.limit).await?;
        }
        Ok(page)
    }

    /// Looks for events of other backends, once for all waiting readers, until the service stops.
    pub async fn look(self: Arc<Self>, stop: CancellationToken) -> anyhow::Result<()> {
        while stop.run_until_cancelled(sleep(LOOK_AGAIN)).await.is_some() {
            if self.head.receiver_count() == 0 {
                continue;
            }
            match sqlx::query_as("SELECT position FROM head").fetch_one(&self.database.reader).await {
                Ok((position,)) => self.committed(position),
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the store cannot be read"),
            }
        }
        Ok(())
    }
}
