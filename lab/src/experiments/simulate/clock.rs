//! The clock of a simulation: the system's time at the start plus the time of a monotonic clock.

use std::time::{Duration, Instant};

use domain::Timestamp;

/// A clock that is never set back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    began: Instant,
    began_at: Timestamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { began: Instant::now(), began_at: runtime::clock::now() }
    }

    /// Now.
    pub(super) fn now(self) -> Timestamp {
        self.after(self.began.elapsed())
    }

    /// The time since the start.
    pub(super) fn elapsed(self) -> Duration {
        self.began.elapsed()
    }

    /// The moment `offset` after the start.
    pub(super) fn after(self, offset: Duration) -> Timestamp {
        Timestamp::from_micros(self.began_at.micros().saturating_add(i64::try_from(offset.as_micros()).unwrap_or(0)))
    }

    /// The moment for timers.
    pub(super) fn instant(self, at: Timestamp) -> tokio::time::Instant {
        let micros = u64::try_from(at.micros().saturating_sub(self.began_at.micros())).unwrap_or(0);
        (self.began + Duration::from_micros(micros)).into()
    }

    /// The moment `offset` after the start, for timers.
    pub(super) fn instant_after(self, offset: Duration) -> tokio::time::Instant {
        (self.began + offset).into()
    }
}
