//! Readers that wait for events: bounded in number, and woken together, so that they ask the database nothing meanwhile.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Cursor, RawPage, Store, StoreError};

/// How often to look for what another backend has written, while anybody waits.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How many readers may wait at once, whoever they are.
const FOR_ALL: usize = 56;
/// How many services may wait beside them.
const FOR_PEERS: usize = 8;

/// The places of readers that wait.
#[derive(Debug)]
pub(super) struct Places {
    all: Semaphore,
    peers: Semaphore,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Semaphore::new(FOR_ALL), peers: Semaphore::new(FOR_PEERS) }
    }
}

impl Places {
    /// A place until it is dropped, if one is free.
    fn take(&self, peer: bool) -> Result<SemaphorePermit<'_>, StoreError> {
        let place = match self.all.try_acquire() {
            Err(_) if peer => self.peers.try_acquire(),
            place => place,
        };
        place.map_err(|_| StoreError::Crowded)
    }
}

impl Store {
    /// Events after the cursor; where there are none, waits for some.
    pub async fn read(&self, cursor: Cursor) -> Result<RawPage, StoreError> {
        let deadline = Instant::now() + cursor.wait;
        let mut page = self.page(cursor.after, cursor.limit).await?;
        if !page.events.is_empty() || cursor.wait.is_zero() {
            return Ok(page);
        }
        let _place = self.places.take(cursor.peer)?;
        let mut head = self.head.subscribe();
        while page.events.is_empty() {
            let committed = timeout_at(deadline, head.wait_for(|&head| head > page.head)).await.is_ok();
            if !committed {
                break;
            }
            page = self.page(cursor.after, cursor.limit).await?;
        }
        Ok(page)
    }

    /// Looks for what other backends have written, once for all readers that wait, until the service stops.
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
