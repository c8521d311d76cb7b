//! http-poll: appends to the store; concurrent requests share one transaction.

use std::sync::Arc;

use domain::Event;
use runtime::service::Tasks;

use super::{SinkError, Taken, Verdict};
use crate::coalesce::Coalescer;
use crate::store::Store;

/// Starts appending to `store`.
pub fn start(tasks: &mut Tasks, store: Arc<Store>, queue_bytes: u32) -> Arc<Coalescer> {
    let append = move |events| append(store.clone(), events);
    Arc::new(Coalescer::start(tasks, "http-poll", queue_bytes, append))
}

async fn append(store: Arc<Store>, events: Vec<Event>) -> Vec<Verdict> {
    match store.append(&events).await {
        Ok(()) => vec![Ok(Taken::New); events.len()],
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, events = events.len(), "events were not stored");
            vec![Err(SinkError::retry("the backend's store cannot be written")); events.len()]
        }
    }
}
