//! http-poll: appends to the store; concurrent requests share one transaction.

use std::sync::Arc;

use runtime::service::Tasks;

use super::{SinkError, Taken, Verdict};
use crate::coalesce::{Coalescer, Joined};
use crate::store::Store;

/// Starts appending to `store`.
pub fn start(tasks: &mut Tasks, store: Arc<Store>, queue_bytes: u32) -> Arc<Coalescer> {
    let append = move |joined| append(store.clone(), joined);
    Arc::new(Coalescer::start(tasks, "http-poll", queue_bytes, append))
}

async fn append(store: Arc<Store>, Joined { batches, count }: Joined) -> Vec<Verdict> {
    match store.append(&batches).await {
        Ok(()) => vec![Ok(Taken::New); count],
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, events = count, "events were not stored");
            vec![Err(SinkError::retry("the backend's store cannot be written")); count]
        }
    }
}
