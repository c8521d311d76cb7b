//! Coalesces concurrent requests: while one operation runs, new batches wait, and go together in the next.
//!
//! The queue is bounded in bytes. Beyond the bound a batch is refused at once, with the time that the queue needs to drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::Event;
use futures_util::future::BoxFuture;
use metrics::Gauge;
use runtime::service::Tasks;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::sink::{Batch, Sink, SinkError, Taken, Verdict, all};

/// The most events in one operation; one batch is never split.
const MOST_EVENTS: usize = 2000;
/// The most bytes in one operation, unless one batch alone has more.
const MOST_BYTES: usize = 2 << 20;

/// A sender into the queue.
pub struct Coalescer {
    queue: mpsc::UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
    bound: u32,
    /// Bytes in the queue and under way.
    depth: Gauge,
    /// The smoothed rate of accepted bytes per second, at least 1.
    rate: Arc<AtomicU64>,
}

/// The events of one operation, shared with the requests that they came with.
#[derive(Debug, Default)]
pub struct Joined {
    /// The batches, in the order in which they came.
    pub batches: Vec<Arc<[Event]>>,
    /// How many events they have together.
    pub count: usize,
}

impl Joined {
    /// All events, in their order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.batches.iter().flat_map(|batch| batch.iter())
    }
}

/// A batch in the queue, and its answer.
struct Waiting {
    batch: Batch,
    answer: Answer,
}

/// The answer to one batch, and the room of the batch in the queue.
struct Answer {
    sender: oneshot::Sender<Vec<Verdict>>,
    /// How many verdicts.
    count: usize,
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
    /// Starts the worker that calls `operation` with the events of one or many batches; it returns one verdict for each.
    pub fn start<F>(
        tasks: &mut Tasks,
        name: &'static str,
        bound: u32,
        operation: impl Fn(Joined) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Vec<Verdict>> + Send + 'static,
    {
        // The channel needs no bound of its own: the semaphore bounds its bytes.
        let (queue, waiting) = mpsc::unbounded_channel();
        let rate = Arc::new(AtomicU64::new(1 << 20));
        let depth = metrics::gauge!("ese_queue_bytes", "route" => name);
        tasks.spawn(name, work(waiting, rate.clone(), tasks.stop.clone(), operation));
        Self { queue, depth, room: Arc::new(Semaphore::new(bound as usize)), bound, rate }
    }

    /// Queues the batch, or returns the refusals.
    fn enqueue(&self, batch: Batch) -> Result<oneshot::Receiver<Vec<Verdict>>, Vec<Verdict>> {
        let Ok(room) = self.room.clone().try_acquire_many_owned(self.size(batch.bytes)) else {
            return Err(all(&batch, &self.refusal()));
        };
        let (sender, verdicts) = oneshot::channel();
        let answer = Answer { sender, count: batch.events.len(), _room: Room::new(room, &self.depth) };
        let stopped = |error: mpsc::error::SendError<Waiting>| stopping(error.0.answer.count);
        self.queue.send(Waiting { batch, answer }).map_err(stopped)?;
        Ok(verdicts)
    }

    /// The room of a batch; one that is larger than the queue takes all of it.
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

impl Sink for Coalescer {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        Box::pin(async move {
            let count = batch.events.len();
            match self.enqueue(batch) {
                Ok(verdicts) => verdicts.await.unwrap_or_else(|_| stopping(count)),
                Err(refused) => refused,
            }
        })
    }

    /// Does not wait: where there is room, every event counts as taken.
    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        let count = batch.events.len();
        self.enqueue(batch).map_or_else(|refused| refused, |_| vec![Ok(Taken::New); count])
    }

    fn full(&self, bytes: usize) -> Option<SinkError> {
        (self.room.available_permits() < self.size(bytes) as usize).then(|| self.refusal())
    }
}

/// The refusals of so many events during a stop.
fn stopping(count: usize) -> Vec<Verdict> {
    vec![Err(SinkError::retry("the backend is stopping")); count]
}

/// Ends when every [`Coalescer`] is dropped and the queue is empty: queued batches are still answered during a stop.
async fn work<F: Future<Output = Vec<Verdict>>>(
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
    rate: Arc<AtomicU64>,
    stop: tokio_util::sync::CancellationToken,
    operation: impl Fn(Joined) -> F,
) -> anyhow::Result<()> {
    while let Some(first) = waiting.recv().await {
        let (mut joined, mut bytes, mut answers) = (Joined::default(), 0, Vec::new());
        let mut next = Some(first);
        while let Some(Waiting { batch, answer }) = next {
            joined.count += batch.events.len();
            joined.batches.push(batch.events);
            bytes += batch.bytes;
            answers.push(answer);
            let has_room = joined.count < MOST_EVENTS && bytes < MOST_BYTES;
            next = if has_room { waiting.try_recv().ok() } else { None };
        }
        let (begun, count) = (Instant::now(), joined.count);
        let verdicts = operation(joined).await;
        let accepted = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        // A refused connection fails fast; its pace must not count as the rate.
        if accepted > 0 {
            let bytes = bytes as f64 * accepted as f64 / count as f64;
            let pace = bytes / begun.elapsed().as_secs_f64().max(1e-6);
            let smoothed = 0.8 * rate.load(Ordering::Relaxed) as f64 + 0.2 * pace;
            rate.store((smoothed as u64).max(1), Ordering::Relaxed);
        }
        let mut verdicts = verdicts.into_iter();
        for Answer { sender, count, .. } in answers {
            // The client may have disconnected; the events are durable all the same.
            drop(sender.send(verdicts.by_ref().take(count).collect()));
        }
    }
    // The queue closes only when the service stops.
    stop.cancelled().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::event;

    /// The rate before and after an operation that takes no time and has this verdict.
    async fn rate_after(verdict: Verdict) -> (u64, u64) {
        let mut tasks = Tasks::default();
        let operation = move |_| std::future::ready(vec![verdict.clone()]);
        let queue = Coalescer::start(&mut tasks, "test", 1 << 20, operation);
        let before = queue.rate.load(Ordering::Relaxed);
        queue.send(Batch { events: [event()].into(), bytes: 500_000 }).await;
        (before, queue.rate.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn only_accepted_events_change_the_rate() {
        let (before, after) = rate_after(Err(SinkError::retry("the consumer is down"))).await;
        assert_eq!(before, after, "a failure does not change the rate");
        let (before, after) = rate_after(Ok(Taken::New)).await;
        assert!(before < after, "{before} {after}");
    }
}
