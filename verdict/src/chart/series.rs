//! The seconds of several repetitions as one series: the least, the median and the most of each moment.

use domain::Route;

use super::measure::{Measure, mean};
use crate::judgement::Summary;
use crate::results::Run;
use crate::statistics;

/// The valid runs of one route.
pub(super) struct Series<'a> {
    pub(super) route: Route,
    pub(super) runs: Vec<&'a Run>,
    /// The events that were due in each second.
    pub(super) due: Vec<f64>,
    /// For each measure all repetitions at each moment.
    pub(super) spreads: [Vec<Summary>; 3],
}

impl<'a> Series<'a> {
    /// The series of a route with `step` seconds for each moment; none without runs.
    pub(super) fn of(route: Route, runs: &[&'a Run], step: usize) -> Option<Self> {
        let runs: Vec<&Run> = runs.iter().copied().filter(|run| run.route == route).collect();
        let longest = runs.iter().map(|run| &run.timeline).max_by_key(|timeline| timeline.len())?;
        let due = longest.chunks(step).map(|seconds| mean(seconds, |second| second.due as f64)).collect();
        let moments = longest.len().div_ceil(step);
        let spreads =
            Measure::ALL.map(|measure| (0..moments).filter_map(|at| spread(&runs, measure, at * step, step)).collect());
        Some(Self { route, runs, due, spreads })
    }
}

/// A run that was drained before this moment has the value 0.
fn spread(runs: &[&Run], measure: Measure, from: usize, step: usize) -> Option<Summary> {
    let over = |run: &&Run| {
        let seconds = run.timeline.get(from..).unwrap_or_default();
        measure.over(&seconds[..step.min(seconds.len())])
    };
    statistics::summary(&runs.iter().map(over).collect::<Vec<_>>())
}
