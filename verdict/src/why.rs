//! The reasons for the numbers of a scenario, by rules: each rule looks at the numbers and gives a sentence or none.
//!
//! No rule looks at the name of a scenario. A sentence gives the numbers that it follows from; a cause is only named if the
//! numbers lie where the cause does: in the seconds of a fault, in a hop, in a part.

mod cost;
mod delivery;
mod fault;
mod speed;

use domain::{ByRoute, Route};

use crate::judgement::{CriterionVerdict, Outcome};
use crate::results::Run;
use crate::{Criterion, Scenario, statistics};

/// The most sentences of a paragraph.
pub const MOST_SENTENCES: usize = 9;

/// The rules, the most important first.
const RULES: [fn(&Facts<'_>) -> Vec<String>; 12] = [
    delivery::unavailable,
    delivery::lost,
    delivery::duplicated,
    delivery::out_of_order,
    delivery::missed_history,
    speed::waiting,
    speed::recovery,
    speed::hops,
    speed::answers,
    cost::startup,
    cost::resources,
    cost::unsure,
];

/// The sentences about a scenario, from its valid runs and the verdicts on them.
pub fn paragraph(scenario: &Scenario, valid: &[&Run], verdicts: &[CriterionVerdict]) -> Vec<String> {
    let mut runs: ByRoute<Vec<&Run>> = ByRoute::new();
    valid.iter().for_each(|run| runs.get_or_default(run.route).push(run));
    let facts = Facts { scenario, runs, verdicts };
    RULES.iter().flat_map(|rule| rule(&facts)).take(MOST_SENTENCES).collect()
}

/// All that the rules look at.
struct Facts<'a> {
    scenario: &'a Scenario,
    /// The valid runs.
    runs: ByRoute<Vec<&'a Run>>,
    verdicts: &'a [CriterionVerdict],
}

impl<'a> Facts<'a> {
    fn verdict(&self, criterion: Criterion) -> Option<&CriterionVerdict> {
        self.verdicts.iter().find(|verdict| verdict.criterion == criterion)
    }

    /// The routes with their medians.
    fn medians(&self, criterion: Criterion) -> Vec<(Route, f64)> {
        let summaries = self.verdict(criterion).map(|verdict| verdict.summaries.iter());
        summaries.into_iter().flatten().map(|(route, summary)| (route, summary.median)).collect()
    }

    fn median(&self, criterion: Criterion, route: Route) -> Option<f64> {
        Some(self.verdict(criterion)?.summaries.get(route)?.median)
    }

    /// The largest value of each route.
    fn most(&self, criterion: Criterion) -> Vec<(Route, f64)> {
        let summaries = self.verdict(criterion).map(|verdict| verdict.summaries.iter());
        summaries.into_iter().flatten().map(|(route, summary)| (route, summary.most)).collect()
    }

    /// The sum over the valid runs of a route.
    fn sum(&self, route: Route, of: impl Fn(&Run) -> f64) -> f64 {
        self.runs(route).iter().map(|run| of(run)).sum()
    }

    fn runs(&self, route: Route) -> &[&'a Run] {
        self.runs.get(route).map_or(&[], Vec::as_slice)
    }

    /// The median over the valid runs of a route that have the number.
    fn typical(&self, route: Route, of: impl Fn(&Run) -> Option<f64>) -> Option<f64> {
        statistics::median(&statistics::sorted(self.runs(route).iter().filter_map(|run| of(run)).collect()))
    }

    /// The run with the middle value of a criterion; the lower one of two.
    fn middle_run(&self, route: Route, criterion: Criterion) -> Option<&'a Run> {
        let with = |run: &&'a Run| Some((*run.values.get(&criterion)?, *run));
        let mut runs: Vec<_> = self.runs(route).iter().filter_map(with).collect();
        runs.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        runs.get(runs.len().saturating_sub(1) / 2).map(|(_, run)| *run)
    }

    /// The pair of a better and a worse route with the largest distance between their medians.
    fn widest(&self, criterion: Criterion) -> Option<(Route, Route)> {
        let verdict = self.verdict(criterion)?;
        let better = verdict.pairs.iter().filter_map(|pair| match pair.outcome {
            Outcome::Better => Some((pair.a, pair.b)),
            Outcome::Worse => Some((pair.b, pair.a)),
            Outcome::Same | Outcome::Undecided => None,
        });
        let distance = |(good, bad): &(Route, Route)| verdict.summaries[*bad].median - verdict.summaries[*good].median;
        better.max_by(|one, other| distance(one).total_cmp(&distance(other)))
    }
}

#[cfg(test)]
mod tests;
