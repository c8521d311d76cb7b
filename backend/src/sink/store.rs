//! http-poll: appends to the store; concurrent requests share one transaction.

use std::sync::Arc;

use runtime::database::{Database, is_disk_full};
use runtime::service::Tasks;

use super::{SinkError, Taken, Verdict};
use crate::coalesce::{Coalescer, Joined};
use crate::store::{Store, StoreError};

/// Starts appending to `store`.
pub fn start(tasks: &mut Tasks, store: Arc<Store>, queue_bytes: u32) -> Arc<Coalescer> {
    let append = move |joined| append(store.clone(), joined);
    Arc::new(Coalescer::start(tasks, "http-poll", queue_bytes, append))
}

async fn append(store: Arc<Store>, Joined { batches, count }: Joined) -> Vec<Verdict> {
    let database = store.database();
    let refusal = match database.unless_away(store.append(&batches)).await {
        Some(Ok(())) => return vec![Ok(Taken::New); count],
        Some(Err(StoreError::Full { after })) => {
            SinkError::Retryable { reason: StoreError::Full { after }.to_string(), after }
        }
        Some(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, events = count, "events were not stored");
            if is_disk_full(&error) { full(database) } else { unwritable(database) }
        }
        None => {
            tracing::debug!(events = count, "events were not stored: the database does not answer");
            unwritable(database)
        }
    };
    vec![Err(refusal); count]
}

fn full(database: &Database) -> SinkError {
    SinkError::retry(format!("the disk of the backend's store ({}) is full", database.dependency.title()))
}

fn unwritable(database: &Database) -> SinkError {
    SinkError::retry(format!("the backend's store ({}) cannot be written", database.dependency.title()))
}
