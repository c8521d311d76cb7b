//! The last five minutes, second by second, as the consumer told them.

use std::collections::VecDeque;

use domain::api::{RouteSample, SAMPLES, Sample};
use domain::{Route, Timestamp};

/// How long the window is, in milliseconds.
const WINDOW_MS: i64 = SAMPLES as i64 * 1000;

/// A window over the pulses; it outlives the consumer that told them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    list: VecDeque<Sample>,
    heard: Option<Timestamp>,
}

impl Samples {
    /// Takes in one second.
    pub fn take(&mut self, pulse: Sample, now: Timestamp) {
        // A snapshot tells again what is known; a clock that was set back tells other seconds under the same names.
        while self.list.back().is_some_and(|last| last.at >= pulse.at) {
            self.list.pop_back();
        }
        let oldest = pulse.at.plus_millis(-WINDOW_MS);
        self.list.push_back(pulse);
        while self.list.len() > SAMPLES || self.list.front().is_some_and(|first| first.at < oldest) {
            self.list.pop_front();
        }
        self.heard = Some(now);
    }

    /// Takes in what a snapshot knows. A consumer that began anew knows little; what is older is kept.
    pub fn begin(&mut self, pulses: Vec<Sample>, now: Timestamp) {
        pulses.into_iter().for_each(|pulse| self.take(pulse, now));
    }

    /// The last second.
    pub fn latest(&self) -> Option<&Sample> {
        self.list.back()
    }

    /// The last second of one route.
    pub fn latest_of(&self, route: Route) -> Option<RouteSample> {
        self.latest().map(|pulse| pulse.routes.get(route).copied().unwrap_or_default())
    }

    /// The present by the consumer's clock: the last second told, and, where the stream is silent, the time since then.
    pub fn edge(&self, now: Timestamp, live: bool) -> Option<Timestamp> {
        let last = self.latest()?.at;
        let silence = self.heard.filter(|_| !live).map_or(0.0, |heard| now.millis_since(heard).max(0.0));
        Some(last.plus_millis(silence as i64))
    }

    /// One number of one route over time, oldest first.
    pub fn series(&self, route: Route, number: impl Fn(&RouteSample) -> Option<f64>) -> Vec<(Timestamp, Option<f64>)> {
        self.list.iter().map(|pulse| (pulse.at, pulse.routes.get(route).and_then(&number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(second: i64) -> Sample {
        Sample { at: Timestamp::from_millis(second * 1000), ..Sample::default() }
    }

    fn seconds(pulses: &Samples) -> Vec<i64> {
        pulses.list.iter().map(|pulse| pulse.at.millis() / 1000).collect()
    }

    #[test]
    fn five_minutes_are_kept_and_no_more() {
        let mut pulses = Samples::default();
        (0..1000).for_each(|second| pulses.take(pulse(second), Timestamp::default()));
        assert_eq!((pulses.list.len(), seconds(&pulses)[0]), (SAMPLES, 700));
        pulses.take(pulse(1200), Timestamp::default());
        assert_eq!((seconds(&pulses)[0], seconds(&pulses).len()), (900, 101), "after a gap the old ones are too old");
    }

    #[test]
    fn a_snapshot_joins_what_is_known() {
        let mut pulses = Samples::default();
        (1..=5).for_each(|second| pulses.take(pulse(second), Timestamp::default()));
        pulses.begin((4..=7).map(pulse).collect(), Timestamp::default());
        assert_eq!(seconds(&pulses), [1, 2, 3, 4, 5, 6, 7]);
        pulses.begin(Vec::new(), Timestamp::default());
        assert_eq!(seconds(&pulses).len(), 7, "a consumer that began anew takes nothing away");
    }

    #[test]
    fn time_goes_on_while_nothing_is_heard() {
        let at = Timestamp::from_millis;
        let mut pulses = Samples::default();
        assert_eq!(pulses.edge(at(0), false), None);
        pulses.take(pulse(100), at(5_000));
        assert_eq!(pulses.edge(at(5_900), true), Some(at(100_000)));
        assert_eq!(pulses.edge(at(9_000), false), Some(at(104_000)), "by the consumer's clock");
    }
}
