//! A limit per second with a burst, in events or bytes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The limit, as a token bucket.
#[derive(Debug)]
pub(super) struct Limit {
    per_second: f64,
    burst: f64,
    /// The tokens that were left, and the time of this count.
    left: Mutex<(f64, Instant)>,
}

/// The reason of a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Not now, but after this time.
    Wait(Duration),
    /// Never: they are more than the burst.
    Burst,
}

impl Limit {
    /// A bucket that gains `per_second` tokens a second, at least one, and holds `burst`.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let (per_second, burst) = (per_second.max(1).into(), burst.into());
        Self { per_second, burst, left: Mutex::new((burst, Instant::now())) }
    }

    /// Takes so many, or none of them.
    pub(super) fn take(&self, number: usize) -> Result<(), Over> {
        let number = number as f64;
        if number > self.burst {
            return Err(Over::Burst);
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let grown = now.duration_since(left.1).as_secs_f64() * self.per_second;
        *left = ((left.0 + grown).min(self.burst), now);
        if number > left.0 {
            return Err(Over::Wait(Duration::from_secs_f64((number - left.0) / self.per_second)));
        }
        left.0 -= number;
        Ok(())
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, number: usize) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.0 = (left.0 + number as f64).min(self.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_at_once_and_what_follows_has_to_wait() {
        let limit = Limit::new(2, 10);
        assert_eq!(limit.take(11), Err(Over::Burst));
        assert_eq!((limit.take(0), limit.take(4), limit.take(6)), (Ok(()), Ok(()), Ok(())));
        let Err(Over::Wait(wait)) = limit.take(4) else { panic!("the burst is used up") };
        assert!((1.9..=2.0).contains(&wait.as_secs_f64()), "4 events at 2 a second: {wait:?}");
        limit.give_back(4);
        assert_eq!(limit.take(4), Ok(()));
        limit.give_back(100);
        let Err(Over::Wait(_)) = limit.take(10).and_then(|()| limit.take(1)) else { panic!("no more than the burst") };
    }

    #[test]
    fn what_was_taken_comes_back_with_the_time() {
        let limit = Limit::new(1000, 10);
        assert_eq!(limit.take(10), Ok(()));
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(limit.take(10), Ok(()));
    }
}
