//! A limit per second with a burst, in events or bytes.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// The limit; its state is one number, however much is taken.
pub(super) struct Limit(DefaultDirectRateLimiter);

/// Why so many cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Not now, but after this time.
    Wait(Duration),
    /// Never: they are more than the burst.
    Burst,
}

impl Limit {
    /// So many a second, and `burst` at once after a pause; 0 counts as 1.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::direct(Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))))
    }

    /// Takes so many, or none of them.
    pub(super) fn take(&self, number: usize) -> Result<(), Over> {
        let Some(number) = NonZeroU32::new(u32::try_from(number).unwrap_or(u32::MAX)) else { return Ok(()) };
        let over = |not_until: governor::NotUntil<_>| Over::Wait(not_until.wait_time_from(self.0.clock().now()));
        self.0.check_n(number).map_err(|_| Over::Burst)?.map_err(over)
    }
}

impl std::fmt::Debug for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limit")
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
    }
}
