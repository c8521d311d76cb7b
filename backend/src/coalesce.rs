//! Many concurrent requests, few operations: while one operation runs, what arrives waits and goes together in the next.
//!
//! The queue is bounded in bytes; past the bound a batch is refused at once, with the time the queue needs to drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::Event;
use metrics::Gauge;
use runtime::service::Tasks;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::sink::{Batch, SinkError, Verdict, all};

/// The most events in one operation; one batch is never split.
const MOST_EVENTS: usize = 2000;
/// The most bytes in one operation, unless one batch alone has more.
const MOST_BYTES: usize = 2 << 20;

/// The way into the queue.
pub struct Coalescer {
    queue: mpsc::UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
    bound: u32,
    /// Bytes in the queue and under way.
    depth: Gauge,
    /// Bytes a second lately, at least 1.
    rate: Arc<AtomicU64>,
}

/// A batch in the queue, and its room there.
struct Waiting {
    batch: Batch,
    answer: oneshot::Sender<Vec<Verdict>>,
    _room: Room,
}

/// Room in the queue, given back when the batch is done.
struct Room(OwnedSemaphorePermit, Gauge);

impl Room {
    fn new(permit: OwnedSemaphorePermit, depth: &Gauge) -> Self {
        depth.increment(permit.num_permits() as f64);
        Self(permit, depth.clone())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.1.decrement(self.0.num_permits() as f64);
    }
}

impl Coalescer {
    /// Starts the worker that calls `operation` with events of one or many batches; it answers one verdict for each.
    pub fn start<F>(
        tasks: &mut Tasks,
        name: &'static str,
        bound: u32,
        operation: impl Fn(Vec<Event>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Vec<Verdict>> + Send + 'static,
    {
        // The channel itself needs no bound: the semaphore's bytes bound it.
        let (queue, waiting) = mpsc::unbounded_channel();
        let rate = Arc::new(AtomicU64::new(1 << 20));
        let depth = metrics::gauge!("ese_queue_bytes", "route" => name);
        tasks.spawn(name, work(waiting, rate.clone(), tasks.stop.clone(), operation));
        Self { queue, depth, room: Arc::new(Semaphore::new(bound as usize)), bound, rate }
    }

    /// Queues the batch and waits for its verdicts.
    pub async fn send(&self, batch: Batch) -> Vec<Verdict> {
        let Ok(room) = self.room.clone().try_acquire_many_owned(self.size(batch.bytes)) else {
            return all(&batch, &self.refusal());
        };
        let (answer, verdicts) = oneshot::channel();
        let refused = all(&batch, &SinkError::retry("the backend is stopping"));
        if self.queue.send(Waiting { batch, answer, _room: Room::new(room, &self.depth) }).is_err() {
            return refused;
        }
        verdicts.await.unwrap_or(refused)
    }

    /// The refusal of a batch of so many bytes, if there is no room for it now.
    pub fn full(&self, bytes: usize) -> Option<SinkError> {
        (self.room.available_permits() < self.size(bytes) as usize).then(|| self.refusal())
    }

    /// The room a batch takes; one that is larger than the queue takes all of it.
    fn size(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.max(1)).unwrap_or(u32::MAX).min(self.bound)
    }

    fn refusal(&self) -> SinkError {
        let queued = u64::from(self.bound).saturating_sub(self.room.available_permits() as u64);
        let seconds = queued as f64 / self.rate.load(Ordering::Relaxed) as f64;
        SinkError::Retryable {
            reason: "the backend's queue for this route is full".to_owned(),
            after: Duration::from_secs_f64(seconds.clamp(0.1, 30.0)),
        }
    }
}

/// Ends when every [`Coalescer`] is gone and the queue is empty: what was queued is still answered while stopping.
async fn work<F: Future<Output = Vec<Verdict>>>(
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
    rate: Arc<AtomicU64>,
    stop: tokio_util::sync::CancellationToken,
    operation: impl Fn(Vec<Event>) -> F,
) -> anyhow::Result<()> {
    while let Some(first) = waiting.recv().await {
        let (mut events, mut bytes) = (first.batch.events.to_vec(), first.batch.bytes);
        let mut together = vec![first];
        while events.len() < MOST_EVENTS && bytes < MOST_BYTES {
            let Ok(next) = waiting.try_recv() else { break };
            events.extend_from_slice(&next.batch.events);
            bytes += next.batch.bytes;
            together.push(next);
        }
        let begun = Instant::now();
        let mut verdicts = operation(events).await.into_iter();
        let pace = bytes as f64 / begun.elapsed().as_secs_f64().max(1e-6);
        let smoothed = 0.8 * rate.load(Ordering::Relaxed) as f64 + 0.2 * pace;
        rate.store((smoothed as u64).max(1), Ordering::Relaxed);
        for one in together {
            let count = one.batch.events.len();
            // Whoever asked may have gone away; the events are durable all the same.
            drop(one.answer.send(verdicts.by_ref().take(count).collect()));
        }
    }
    // The queue only closes when the service stops.
    stop.cancelled().await;
    Ok(())
}
