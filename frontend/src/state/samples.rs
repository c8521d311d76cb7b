//! The samples of the last five minutes, one per second.

use std::collections::VecDeque;

use domain::api::{RouteSample, SAMPLES, Sample};
use domain::{Route, Timestamp};

/// The length of the window in milliseconds.
const WINDOW_MS: i64 = SAMPLES as i64 * 1000;

/// The samples; they are kept when the consumer restarts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    list: VecDeque<Sample>,
    received_at: Option<Timestamp>,
}

impl Samples {
    /// Adds a sample.
    pub fn take(&mut self, sample: Sample, now: Timestamp) {
        // A snapshot repeats samples, and a clock that was set back gives other samples for the same times.
        while self.list.back().is_some_and(|last| last.at >= sample.at) {
            self.list.pop_back();
        }
        let oldest = sample.at.plus_millis(-WINDOW_MS);
        self.list.push_back(sample);
        while self.list.len() > SAMPLES || self.list.front().is_some_and(|first| first.at < oldest) {
            self.list.pop_front();
        }
        self.received_at = Some(now);
    }

    /// Adds the samples of a snapshot, and keeps older ones: a consumer that restarted has few.
    pub fn begin(&mut self, samples: Vec<Sample>, now: Timestamp) {
        samples.into_iter().for_each(|sample| self.take(sample, now));
    }

    /// The latest sample.
    pub fn latest(&self) -> Option<&Sample> {
        self.list.back()
    }

    /// The last sample that is so many seconds older than the latest one, or more.
    pub fn before(&self, seconds: i64) -> Option<&Sample> {
        let at = self.latest()?.at.plus_millis(-1000 * seconds);
        self.list.iter().rfind(|sample| sample.at <= at)
    }

    /// The last second of one route.
    pub fn latest_of(&self, route: Route) -> Option<RouteSample> {
        self.latest().map(|sample| sample.routes.get(route).copied().unwrap_or_default())
    }

    /// The present by the consumer's clock: the latest sample, plus the time of silence if the stream is not live.
    pub fn edge(&self, now: Timestamp, live: bool) -> Option<Timestamp> {
        let last = self.latest()?.at;
        let silence =
            self.received_at.filter(|_| !live).map_or(0.0, |received_at| now.millis_since(received_at).max(0.0));
        Some(last.plus_millis(silence as i64))
    }

    /// One value of one route over time, oldest first.
    pub fn series(&self, route: Route, number: impl Fn(&RouteSample) -> Option<f64>) -> Vec<(Timestamp, Option<f64>)> {
        self.list.iter().map(|sample| (sample.at, sample.routes.get(route).and_then(&number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64) -> Sample {
        Sample { at: Timestamp::from_millis(second * 1000), ..Sample::default() }
    }

    fn seconds(samples: &Samples) -> Vec<i64> {
        samples.list.iter().map(|sample| sample.at.millis() / 1000).collect()
    }

    #[test]
    fn five_minutes_are_kept_and_no_more() {
        let mut samples = Samples::default();
        (0..1000).for_each(|second| samples.take(sample(second), Timestamp::default()));
        assert_eq!((samples.list.len(), seconds(&samples)[0]), (SAMPLES, 700));
        samples.take(sample(1200), Timestamp::default());
        assert_eq!((seconds(&samples)[0], seconds(&samples).len()), (900, 101), "after a gap the old ones are too old");
    }

    #[test]
    fn a_snapshot_joins_older_samples() {
        let mut samples = Samples::default();
        (1..=5).for_each(|second| samples.take(sample(second), Timestamp::default()));
        samples.begin((4..=7).map(sample).collect(), Timestamp::default());
        assert_eq!(seconds(&samples), [1, 2, 3, 4, 5, 6, 7]);
        samples.begin(Vec::new(), Timestamp::default());
        assert_eq!(seconds(&samples).len(), 7, "a restarted consumer removes nothing");
    }

    #[test]
    fn time_goes_on_while_no_sample_arrives() {
        let at = Timestamp::from_millis;
        let mut samples = Samples::default();
        assert_eq!(samples.edge(at(0), false), None);
        samples.take(sample(100), at(5_000));
        assert_eq!(samples.edge(at(5_900), true), Some(at(100_000)));
        assert_eq!(samples.edge(at(9_000), false), Some(at(104_000)), "by the consumer's clock");
    }
}
