//! The timeline of a scenario: for each route what was processed, what was waiting, and when senders waited in vain.

use domain::Route;

use super::measure::Measure;
use super::path::{self, Point};
use super::scale::Scale;
use super::series::Series;
use super::{Tick, WIDTH};
use crate::judgement::Summary;
use crate::number::{count, short};
use crate::results::{FaultMark, Run, ScenarioResult};

/// The most points of a curve; longer runs are drawn with more seconds for each point.
const MOST_POINTS: usize = 80;
/// The most steps of a panel's vertical scale.
const MOST_STEPS: f64 = 2.0;

/// The timelines of all routes on the same scales.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The seconds since the load began, along the lower edge.
    pub times: Vec<Tick>,
    /// The numbers at the left edge, for each [`Measure`]; none if it was 0 all the time on all routes.
    pub scales: [Vec<Tick>; 3],
    /// The routes that have valid runs, in their order.
    pub routes: Vec<RouteTimeline>,
}

/// The timeline of a route.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTimeline {
    /// The route.
    pub route: Route,
    /// The line of the events that were due, on the scale of those processed.
    pub due: String,
    /// The curve of each [`Measure`].
    pub curves: [Curve; 3],
    /// The faults, those of one kind and part together.
    pub faults: Vec<Fault>,
    /// The same in words.
    pub in_words: String,
}

/// A curve over several repetitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The line of the medians.
    pub median: String,
    /// The area from the least to the most; empty if there is only one repetition.
    pub range: String,
}

/// A fault, or the same one several times.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its kind and its part.
    pub label: String,
    /// Its times: the left edge and the width of each, in thousandths.
    pub spans: Vec<(i64, i64)>,
}

/// Draws the valid runs of a scenario, with room for at least so many seconds: the curves of a run under way grow into it.
pub fn timeline(result: &ScenarioResult, least_seconds: usize) -> Timeline {
    let valid: Vec<&Run> = result.runs.iter().filter(|run| run.void.is_empty()).collect();
    let seconds = valid.iter().map(|run| run.timeline.len()).max().unwrap_or_default();
    if seconds == 0 {
        return Timeline::default();
    }
    let seconds = seconds.max(least_seconds);
    let step = seconds.div_ceil(MOST_POINTS);
    let all: Vec<Series<'_>> = Route::ALL.into_iter().filter_map(|route| Series::of(route, &valid, step)).collect();
    let time = Scale::Linear { bottom: 0.0, top: seconds as f64, step: 1.0 };
    let drawing = Drawing { step: step as f64, time, scales: Measure::ALL.map(|measure| scale(measure, &all)) };
    let something = |spreads: &[Summary]| spreads.iter().any(|spread| spread.most > 0.0);
    let ticks = |measure: Measure| {
        let scale = drawing.scales[measure as usize];
        let tick = |value| Tick { at: scale.y(value), text: short(value) };
        let needed = all.iter().any(|series| something(&series.spreads[measure as usize]));
        if needed { scale.ticks().into_iter().map(tick).collect() } else { Vec::new() }
    };
    Timeline {
        times: drawing.times(seconds as f64),
        scales: Measure::ALL.map(ticks),
        routes: all.iter().map(|series| drawing.route(series)).collect(),
    }
}

/// The scale over all routes: a share is always drawn up to 100 %.
fn scale(measure: Measure, all: &[Series<'_>]) -> Scale {
    let spreads = all.iter().flat_map(|series| &series.spreads[measure as usize]).map(|spread| spread.most);
    let most = match measure {
        Measure::Processed => spreads.chain(all.iter().flat_map(|series| series.due.clone())).fold(0.0, f64::max),
        Measure::Waiting => spreads.fold(0.0, f64::max),
        Measure::Unavailable => 100.0,
    };
    Scale::linear_in(0.0, most, MOST_STEPS)
}

struct Drawing {
    /// The seconds of one point.
    step: f64,
    time: Scale,
    scales: [Scale; 3],
}

impl Drawing {
    fn route(&self, series: &Series<'_>) -> RouteTimeline {
        let curve = |measure: Measure| {
            let spreads = &series.spreads[measure as usize];
            let points = |read: fn(&Summary) -> f64| self.points(measure, spreads.iter().map(read));
            let range = || path::area(&points(|spread| spread.most), &points(|spread| spread.least));
            let several = series.runs.len() > 1;
            Curve {
                median: path::line(&points(|spread| spread.median)),
                range: several.then(range).unwrap_or_default(),
            }
        };
        let faults = self.faults(&series.runs[0].faults);
        RouteTimeline {
            route: series.route,
            due: path::line(&self.points(Measure::Processed, series.due.iter().copied())),
            curves: Measure::ALL.map(curve),
            in_words: in_words(series, &faults),
            faults,
        }
    }

    /// A number of waiting events is one of the end of its seconds; a rate or a share is one of their middle.
    fn points(&self, measure: Measure, values: impl Iterator<Item = f64>) -> Vec<Point> {
        let moment = if measure == Measure::Waiting { 1.0 } else { 0.5 };
        let x = |index: usize| self.time.x((index as f64 + moment) * self.step);
        values.enumerate().map(|(index, value)| (x(index), self.scales[measure as usize].y(value))).collect()
    }

    fn times(&self, end: f64) -> Vec<Tick> {
        let ticks = Scale::linear(0.0, end).ticks();
        let tick = |at: f64| Tick { at: self.time.x(at), text: format!("{} s", short(at)) };
        ticks.into_iter().filter(|&at| at <= end).map(tick).collect()
    }

    fn faults(&self, marks: &[FaultMark]) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for mark in marks {
            let label = format!("{} {}", mark.kind, mark.part);
            let (from, to) = (self.time.x(mark.began), self.time.x(mark.ended));
            let span = (from, (to - from).clamp(3, WIDTH));
            match faults.iter_mut().find(|fault| fault.label == label) {
                Some(fault) => fault.spans.push(span),
                None => faults.push(Fault { label, spans: vec![span] }),
            }
        }
        faults
    }
}

fn in_words(series: &Series<'_>, faults: &[Fault]) -> String {
    let most =
        |measure: Measure| series.spreads[measure as usize].iter().map(|spread| spread.median).fold(0.0, f64::max);
    let mut words = format!(
        "{}: at most {} events a second processed, at most {} waiting, unavailable for at most {} % of a second.",
        series.route.name(),
        short(most(Measure::Processed)),
        count(most(Measure::Waiting) as u64),
        short(most(Measure::Unavailable)),
    );
    for fault in faults {
        words += &format!(" Fault: {}.", fault.label);
    }
    words
}

#[cfg(test)]
mod tests;
