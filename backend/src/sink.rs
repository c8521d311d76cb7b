//! The port through which events leave the backend; an adapter says what became of them and knows no HTTP status.

mod kafka;
mod push;
mod store;

use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use futures_util::future::BoxFuture;

pub use kafka::KafkaSink;
pub use push::PushSink;
pub use store::StoreSink;

/// One route's way out. Sinks never choose and never retry.
pub trait Sink: Send + Sync {
    /// Resolves when each event is durable or refused, with a verdict for each in the batch's order.
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>>;

    /// What a batch of so many bytes would be told at once for want of room, if the sink knows before it has the batch.
    fn full(&self, _bytes: usize) -> Option<SinkError> {
        None
    }
}

/// Events of one request; cheap to clone, so that every route can have it.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The events, validated and stamped.
    pub events: Arc<[Event]>,
    /// About how many bytes they take.
    pub bytes: usize,
}

/// What became of one event.
pub type Verdict = Result<Taken, SinkError>;

/// It is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// For the first time, as far as the route can tell.
    New,
    /// The consumer has it already.
    Duplicate,
}

/// It is not durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// Not now.
    #[error("{reason}; try again in {} ms", after.as_millis())]
    Retryable {
        /// Why.
        reason: String,
        /// When it may go better.
        after: Duration,
    },
    /// Never.
    #[error("{reason}")]
    Rejected {
        /// Why.
        reason: String,
    },
}

impl SinkError {
    /// Not now, for this reason; about a second from now it may go better.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retryable { reason: reason.into(), after: Duration::from_secs(1) }
    }
}

/// The same verdict for a whole batch.
pub(crate) fn all(batch: &Batch, error: &SinkError) -> Vec<Verdict> {
    vec![Err(error.clone()); batch.events.len()]
}

/// The route kafka where no broker is configured.
#[derive(Debug)]
pub struct NoBroker;

impl Sink for NoBroker {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        let error = SinkError::retry("this backend has no Kafka broker; start it with --kafka-brokers");
        Box::pin(std::future::ready(all(&batch, &error)))
    }
}
