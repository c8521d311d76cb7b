//! http-poll: appends to the store; concurrent requests share one transaction.

use std::sync::Arc;

use domain::Event;
use futures_util::future::BoxFuture;
use runtime::service::Tasks;

use super::{Batch, Sink, SinkError, Taken, Verdict};
use crate::coalesce::Coalescer;
use crate::store::Store;

/// Appends to the store.
pub struct StoreSink {
    queue: Coalescer,
}

impl StoreSink {
    /// Starts appending to `store`.
    pub fn start(tasks: &mut Tasks, store: Arc<Store>, queue_bytes: u32) -> Arc<Self> {
        let append = move |events| append(store.clone(), events);
        Arc::new(Self { queue: Coalescer::start(tasks, "http-poll", queue_bytes, append) })
    }
}

impl Sink for StoreSink {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        Box::pin(self.queue.send(batch))
    }

    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        self.queue.hand_over(batch)
    }

    fn full(&self, bytes: usize) -> Option<SinkError> {
        self.queue.full(bytes)
    }
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
