//! Room for bodies, and the bodies that hold it: the slowest gives way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a body may wait for room, all in all.
pub(super) const WAIT: Duration = Duration::from_secs(1);
/// A sender that was waited for less than this is not given up: its speed is not yet known.
pub(super) const MOMENT: Duration = Duration::from_millis(250);

/// The permits for this many bytes.
pub(super) fn permits(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Room for the bodies of one service.
#[derive(Clone, Debug)]
pub struct Admission {
    pub(super) room: Arc<Semaphore>,
    /// A permit for each body that may complete in the reserve.
    pub(super) reserve: Arc<Semaphore>,
    /// The bytes of the largest body, and of each place in the reserve.
    pub(super) largest: usize,
    readers: Arc<Mutex<HashMap<u64, Reader>>>,
}

/// A body under way.
#[derive(Debug)]
pub(super) struct Reader {
    /// The bytes that have come.
    pub(super) arrived: usize,
    /// The bytes of room that it holds.
    pub(super) held: usize,
    /// How long the sender was waited for, and since when it is again.
    pub(super) waited: Duration,
    pub(super) waiting: Option<Instant>,
    pub(super) given_up: CancellationToken,
}

impl Reader {
    /// Bytes per second of the sender, if it is waited for now and has been for a moment.
    ///
    /// While a body waits for room, its sender is not slow.
    fn speed(&self, now: Instant) -> Option<f64> {
        let waited = self.waited + (now - self.waiting?);
        (waited >= MOMENT).then(|| self.arrived as f64 / waited.as_secs_f64())
    }
}

impl Admission {
    /// Room for the bytes of `count` of the largest bodies, two at least.
    pub fn new(largest: usize, count: usize) -> Self {
        let reserve = (count / 2).max(1);
        let room = largest * count.saturating_sub(reserve).max(1);
        let [room, reserve] = [room, reserve].map(|permits| Arc::new(Semaphore::new(permits)));
        Self { room, reserve, largest, readers: Arc::default() }
    }

    /// Room for this many bytes, if it is free and nobody waits for it.
    pub(super) fn room_at_once(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_many_owned(permits(bytes)).ok()
    }

    pub(super) fn readers(&self) -> MutexGuard<'_, HashMap<u64, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up the slowest bodies until `wanted` bytes are about to be free.
    pub(super) fn give_up_slowest(&self, wanted: usize) {
        let (now, readers) = (Instant::now(), self.readers());
        let (given_up, others): (Vec<_>, Vec<_>) =
            readers.values().filter(|reader| reader.held > 0).partition(|reader| reader.given_up.is_cancelled());
        let mut freed: usize = given_up.iter().map(|reader| reader.held).sum();
        let mut slow: Vec<_> = others.iter().filter_map(|reader| Some((reader.speed(now)?, reader))).collect();
        slow.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        for (_, reader) in slow {
            if freed >= wanted {
                break;
            }
            freed += reader.held;
            reader.given_up.cancel();
        }
    }
}
