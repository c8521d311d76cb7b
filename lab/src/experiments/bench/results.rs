//! Everything that a benchmark measured: the content of `results.json`.

use std::collections::BTreeMap;

use domain::Route;
use serde::{Deserialize, Serialize};
use verdict::results::Machine;

/// The version of this format.
pub(super) const VERSION: u32 = 1;

/// A benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Results {
    /// [`VERSION`].
    pub(super) version: u32,
    /// The start, as RFC 3339 in UTC.
    pub(super) began: String,
    /// The commit of the programs, if it was named.
    pub(super) commit: Option<String>,
    /// The command line that repeats it.
    pub(super) command: String,
    /// Whether it measured everything, each for its full time.
    pub(super) full: bool,
    /// How many events memory was measured after, and how many waited for the consumer.
    pub(super) events: [u64; 2],
    /// The machine.
    pub(super) machine: Machine,
    /// The versions of all programs, by their names.
    pub(super) versions: BTreeMap<String, String>,
    /// What was left out, as sentences.
    pub(super) left_out: Vec<String>,
    /// The figures by their keys, `MEASURE/TARGET`, such as `single-share/http-push`.
    pub(super) figures: BTreeMap<String, Figure>,
    /// Each route under growing load.
    pub(super) loads: Vec<LoadPoint>,
}

/// A figure that was measured once or several times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Figure {
    /// The median.
    pub(super) median: f64,
    /// The smallest value.
    pub(super) low: f64,
    /// The largest value.
    pub(super) high: f64,
    /// All values, in the order of the rounds.
    pub(super) values: Vec<f64>,
}

/// One route under one load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LoadPoint {
    /// The route.
    pub(super) route: Route,
    /// Single events that were due, a second.
    pub(super) offered: u64,
    /// Events that were accepted in the window, a second.
    pub(super) goodput: f64,
    /// The median of the times from due until accepted, in milliseconds.
    pub(super) p50_ms: f64,
    /// The 99th percentile of the same.
    pub(super) p99_ms: f64,
    /// Requests that were refused and sent again.
    pub(super) refused: u64,
    /// Events that were not sent at all.
    pub(super) unsent: u64,
}

impl From<Vec<f64>> for Figure {
    fn from(values: Vec<f64>) -> Self {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted[..] {
            [] => return Self::default(),
            _ if sorted.len() % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        };
        Self { median, low: sorted[0], high: sorted[sorted.len() - 1], values }
    }
}

/// The values so far, by the keys of their figures.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(BTreeMap<String, Vec<f64>>);

impl Samples {
    /// Adds a value.
    pub(super) fn add(&mut self, key: impl Into<String>, value: f64) {
        self.0.entry(key.into()).or_default().push(value);
    }

    /// Adds the ratio of the last values of two figures, if both are there.
    pub(super) fn add_ratio(&mut self, key: impl Into<String>, of: &str, to: &str) {
        let last = |key: &str| self.0.get(key).and_then(|values| values.last().copied());
        if let (Some(of), Some(to)) = (last(of), last(to).filter(|to| *to > 0.0)) {
            self.add(key, of / to);
        }
    }

    /// The figures.
    pub(super) fn figures(self) -> BTreeMap<String, Figure> {
        self.0.into_iter().map(|(key, values)| (key, values.into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_the_median_and_the_range() {
        let figure = Figure::from(vec![3.0, 1.0, 2.0]);
        assert_eq!((figure.median, figure.low, figure.high), (2.0, 1.0, 3.0));
        assert_eq!(figure.values, [3.0, 1.0, 2.0]);
        assert_eq!(Figure::from(vec![4.0, 1.0, 2.0, 9.0]).median, 3.0);
        assert_eq!(Figure::from(Vec::new()), Figure::default());
    }

    #[test]
    fn a_ratio_is_of_values_of_the_same_round() {
        let mut samples = Samples::default();
        for (rate, bare) in [(10.0, 40.0), (30.0, 40.0)] {
            samples.add("rate/kafka", rate);
            samples.add("rate/bare", bare);
            samples.add_ratio("share/kafka", "rate/kafka", "rate/bare");
            samples.add_ratio("share/http-push", "rate/http-push", "rate/bare");
        }
        let figures = samples.figures();
        assert_eq!(figures["share/kafka"].values, [0.25, 0.75]);
        assert_eq!(figures.len(), 3);
    }
}
