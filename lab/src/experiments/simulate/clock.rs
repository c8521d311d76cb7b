//! The simulation's clock: the system's time at the beginning, and from there on what a steady clock adds.

use std::time::{Duration, Instant};

use domain::Timestamp;

/// Begins when it is made; unlike the system's, it is never set back.
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

    /// How long ago it began.
    pub(super) fn elapsed(self) -> Duration {
        self.began.elapsed()
    }

    /// So long after the beginning.
    pub(super) fn after(self, offset: Duration) -> Timestamp {
        Timestamp::from_micros(self.began_at.micros().saturating_add(i64::try_from(offset.as_micros()).unwrap_or(0)))
    }

    /// The same moment for timers.
    pub(super) fn instant(self, at: Timestamp) -> tokio::time::Instant {
        let micros = u64::try_from(at.micros().saturating_sub(self.began_at.micros())).unwrap_or(0);
        (self.began + Duration::from_micros(micros)).into()
    }

    /// So long after the beginning, for timers.
    pub(super) fn instant_after(self, offset: Duration) -> tokio::time::Instant {
        (self.began + offset).into()
    }
}
