//! The wait before a retry: exponential, bounded, with jitter.
//!
//! A wait is random, from a tenth of the bound up to the bound. This is the "full jitter" of Marc Brooker, "Exponential
//! Backoff And Jitter", AWS Architecture Blog, 2015, without the waits near zero: those would retry in a busy loop.

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

    /// Starts as after `tries` waits.
    #[must_use]
    pub const fn after(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// The next wait; its bound doubles each time.
    pub fn next_wait(&mut self) -> Duration {
        let bound = self.first.saturating_mul(1 << self.tries.min(20)).min(self.most);
        self.tries = self.tries.saturating_add(1);
        bound.mul_f64(rand::random_range(0.1..=1.0))
    }

    /// Starts again from the first wait, after a success.
    pub const fn reset(&mut self) {
        self.tries = 0;
    }
}

impl Default for Backoff {
    /// 100 ms to 5 s, for servers on the same network.
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
