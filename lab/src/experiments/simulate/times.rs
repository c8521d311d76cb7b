//! Distributions of durations, from a microsecond to a quarter of an hour, to three digits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::api::Wait;
use domain::api::simulation::Times;
use domain::{Route, Timestamp};
use hdrhistogram::Histogram;

use super::observer::Observer;

/// Longer durations count as this one.
const LONGEST: Duration = Duration::from_secs(900);

/// A distribution with several writers.
pub(in crate::experiments) struct Distribution(Mutex<Histogram<u64>>);

impl Distribution {
    pub(in crate::experiments) fn new() -> anyhow::Result<Self> {
        let longest = u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX);
        Ok(Self(Mutex::new(Histogram::new_with_bounds(1, longest, 3)?)))
    }

    pub(in crate::experiments) fn add(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(micros);
    }

    /// None if nothing was added.
    pub(in crate::experiments) fn times(&self) -> Option<Times> {
        let histogram = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        let times = Times { p50_ms: at(0.5), p99_ms: at(0.99), p999_ms: at(0.999), max_ms: at(1.0) };
        (!histogram.is_empty()).then_some(times)
    }
}

/// How long the events of all clients took.
pub(in crate::experiments) struct Delays {
    /// In the clients' own queues.
    pub(in crate::experiments) queued: Distribution,
    /// From first sent until accepted, for each route.
    pub(in crate::experiments) until_accepted: [Distribution; 3],
    /// From first sent until processed, for each route.
    pub(in crate::experiments) until_processed: [Distribution; 3],
}

impl Delays {
    pub(in crate::experiments) fn new() -> anyhow::Result<Self> {
        let routes = || Ok::<_, anyhow::Error>([Distribution::new()?, Distribution::new()?, Distribution::new()?]);
        Ok(Self { queued: Distribution::new()?, until_accepted: routes()?, until_processed: routes()? })
    }
}

impl Observer for Delays {
    fn accepted(&self, route: Route, wait: Wait, _: Timestamp) {
        self.queued.add(Duration::from_micros(wait.queued_us));
        self.until_accepted[route as usize].add(Duration::from_micros(wait.accepted_us));
    }

    fn refused(&self, _: Route, _: &str, _: u64, _: Timestamp) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_to_three_digits() {
        let distribution = Distribution::new().unwrap();
        assert_eq!(distribution.times(), None);
        (1..=10_000).for_each(|millis| distribution.add(Duration::from_millis(millis)));
        distribution.add(Duration::MAX);
        let times = distribution.times().unwrap();
        let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 0.002;
        assert!(
            near(times.p50_ms, 5_000.0) && near(times.p99_ms, 9_900.0) && near(times.p999_ms, 9_990.0),
            "{times:?}"
        );
        assert!(near(times.max_ms, 900_000.0), "what is longer counts as the longest: {times:?}");
    }
}
