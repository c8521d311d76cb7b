//! An open loop: events are due on a schedule that waits for no answer.

use std::thread;
use std::time::{Duration, Instant};

/// When an event of a schedule of `rate` events a second is due, from its start on.
pub(super) fn due(rate: u64, index: u64) -> Duration {
    Duration::from_nanos(index.saturating_mul(1_000_000_000) / rate.max(1))
}

/// Calls `emit` for each of `count` events at the moment when it is due, until it returns false. It blocks its thread: the
/// system's sleep is exact to a tenth of a millisecond, the timers of an async runtime only to one.
pub(super) fn pace(start: Instant, rate: u64, count: u64, mut emit: impl FnMut(u64, Instant) -> bool) {
    for index in 0..count {
        let at = start + due(rate, index);
        thread::sleep(at.saturating_duration_since(Instant::now()));
        if !emit(index, at) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_due_at_equal_distances_and_never_early() {
        let (start, mut seen) = (Instant::now(), Vec::new());
        pace(start, 1000, 20, |index, at| {
            assert!(Instant::now() >= at && at == start + Duration::from_millis(index));
            seen.push(index);
            index < 9
        });
        assert_eq!(seen, (0..=9).collect::<Vec<u64>>());
        assert_eq!(due(40_000, 40_000), Duration::from_secs(1));
    }
}
