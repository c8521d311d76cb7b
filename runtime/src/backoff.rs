//! How long to wait before trying again: exponential, bounded, with full jitter.
//!
//! Full jitter as in Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

use std::time::Duration;

/// A growing wait.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    /// Waits at most `first` the first time, at most `most` ever.
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, tries: 0 }
    }

    /// As if it had been asked `tries` times already.
    #[must_use]
    pub const fn after(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// The next wait: random, up to a bound that doubles each time.
    pub fn next_wait(&mut self) -> Duration {
        let bound = self.first.saturating_mul(1 << self.tries.min(20)).min(self.most);
        self.tries = self.tries.saturating_add(1);
        bound.mul_f64(rand::random_range(0.1..=1.0))
    }

    /// It worked: begin anew.
    pub const fn reset(&mut self) {
        self.tries = 0;
    }
}

impl Default for Backoff {
    /// 100 ms to 5 s, for neighbours on the same network.
    fn default() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let mut backoff = Backoff::default();
        for tries in 0..100 {
            let wait = backoff.next_wait();
            let bound = Duration::from_millis(100 << tries.min(10)).min(Duration::from_secs(5));
            assert!(wait <= bound && wait >= bound / 20, "try {tries} waits {wait:?}");
        }
        backoff.reset();
        assert!(backoff.next_wait() <= Duration::from_millis(100));
    }
}
