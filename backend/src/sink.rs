//! The port through which events leave the backend; an adapter returns their verdicts, without HTTP statuses.

mod kafka;
pub mod push;
pub mod store;

use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use futures_util::future::BoxFuture;

pub use kafka::KafkaSink;

/// The sink of one route. A sink never chooses the route and never retries.
pub trait Sink: Send + Sync {
    /// Resolves when each event is durable or refused, with a verdict for each in the batch's order.
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>>;

    /// Takes the events without waiting until they are durable: a refusal is known at once, or never.
    fn hand_over(&self, batch: Batch) -> Vec<Verdict>;

    /// The refusal of a batch of this size, if the sink is known to be full now.
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

/// The result of one event.
pub type Verdict = Result<Taken, SinkError>;

/// The event is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is new, if the route shows it.
    New,
    /// The consumer had processed it before.
    Duplicate,
}

/// The event is not durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It may be sent again.
    #[error("{reason}; try again in {} ms", after.as_millis())]
    Retryable {
        /// Why.
        reason: String,
        /// When to send it again.
        after: Duration,
    },
    /// It must not be sent again.
    #[error("{reason}")]
    Rejected {
        /// Why.
        reason: String,
    },
}

impl SinkError {
    /// An error that may be gone in a second.
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
        Box::pin(std::future::ready(self.hand_over(batch)))
    }

    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        all(&batch, &SinkError::retry("this backend has no Kafka broker; start it with --kafka-brokers"))
    }
}
