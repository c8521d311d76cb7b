//! The seconds of several repetitions as one series: the least, the median and the most of each moment.

use domain::Route;

use super::measure::{Measure, mean};
use crate::results::Run;

/// The values of all repetitions at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) most: f64,
}

/// The valid runs of one route.
pub(super) struct Series<'a> {
    pub(super) route: Route,
    pub(super) runs: Vec<&'a Run>,
    /// The events that were due in each second.
    pub(super) due: Vec<f64>,
    /// For each measure one spread at each moment.
    pub(super) spreads: [Vec<Spread>; 3],
}

impl<'a> Series<'a> {
    /// The series of a route with `step` seconds for each moment; none without runs.
    pub(super) fn of(route: Route, runs: &[&'a Run], step: usize) -> Option<Self> {
        let runs: Vec<&Run> = runs.iter().copied().filter(|run| run.route == route).collect();
        let longest = runs.iter().map(|run| &run.timeline).max_by_key(|timeline| timeline.len())?;
        let due = longest.chunks(step).map(|seconds| mean(seconds, |second| second.due as f64)).collect();
        let moments = longest.len().div_ceil(step);
        let spreads =
            Measure::ALL.map(|measure| (0..moments).map(|at| spread(&runs, measure, at * step, step)).collect());
        Some(Self { route, runs, due, spreads })
    }
}

/// A run that was drained before this moment has the value 0.
fn spread(runs: &[&Run], measure: Measure, from: usize, step: usize) -> Spread {
    let over = |run: &&Run| {
        let seconds = run.timeline.get(from..).unwrap_or_default();
        measure.over(&seconds[..step.min(seconds.len())])
    };
    let mut values: Vec<f64> = runs.iter().map(over).collect();
    values.sort_by(f64::total_cmp);
    match (values.first(), values.last()) {
        (Some(&least), Some(&most)) => Spread { least, median: median(&values), most },
        _ => Spread::default(),
    }
}

/// The median of sorted values; 0 of none.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted {
        [] => 0.0,
        _ if sorted.len() % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
