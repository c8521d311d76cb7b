//! The clock of a simulation: the system's time at the start plus the time of a monotonic clock.

use std::time::{Duration, Instant};

use domain::Timestamp;

/// A clock that is never set back.
#[derive(Clone, Copy, Debug)]
pub(in crate::experiments) struct Clock {
    began: Instant,
    began_at: Timestamp,
}

impl Clock {
    pub(in crate::experiments) fn start() -> Self {
        Self { began: Instant::now(), began_at: runtime::clock::now() }
    }

    /// Now.
    pub(in crate::experiments) fn now(self) -> Timestamp {
        self.after(self.began.elapsed())
    }

    /// The time since the start.
    pub(in crate::experiments) fn elapsed(self) -> Duration {
        self.began.elapsed()
    }

    /// The moment `offset` after the start.
    pub(in crate::experiments) fn after(self, offset: Duration) -> Timestamp {
        Timestamp::from_micros(self.began_at.micros().saturating_add(i64::try_from(offset.as_micros()).unwrap_or(0)))
    }

    /// The moment for timers.
    pub(in crate::experiments) fn instant(self, at: Timestamp) -> tokio::time::Instant {
        let micros = u64::try_from(at.micros().saturating_sub(self.began_at.micros())).unwrap_or(0);
        (self.began + Duration::from_micros(micros)).into()
    }

    /// The moment `offset` after the start, for timers.
    pub(in crate::experiments) fn instant_after(self, offset: Duration) -> tokio::time::Instant {
        (self.began + offset).into()
    }
}
