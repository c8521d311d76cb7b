//! All that the rules look at, with the numbers that several of them need.

use domain::{ByRoute, Route};

use crate::judgement::{CriterionVerdict, Outcome};
use crate::results::Run;
use crate::{Criterion, Scenario, statistics};

/// All that the rules look at.
pub(super) struct Facts<'a> {
    pub scenario: &'a Scenario,
    /// The valid runs.
    pub runs: ByRoute<Vec<&'a Run>>,
    pub verdicts: &'a [CriterionVerdict],
}

impl<'a> Facts<'a> {
    pub(super) fn new(scenario: &'a Scenario, valid: &[&'a Run], verdicts: &'a [CriterionVerdict]) -> Self {
        let mut runs: ByRoute<Vec<&Run>> = ByRoute::new();
        valid.iter().for_each(|run| runs.get_or_default(run.route).push(run));
        Self { scenario, runs, verdicts }
    }

    pub(super) fn verdict(&self, criterion: Criterion) -> Option<&CriterionVerdict> {
        self.verdicts.iter().find(|verdict| verdict.criterion == criterion)
    }

    /// The routes with their medians.
    pub(super) fn medians(&self, criterion: Criterion) -> Vec<(Route, f64)> {
        let summaries = self.verdict(criterion).map(|verdict| verdict.summaries.iter());
        summaries.into_iter().flatten().map(|(route, summary)| (route, summary.median)).collect()
    }

    pub(super) fn median(&self, criterion: Criterion, route: Route) -> Option<f64> {
        Some(self.verdict(criterion)?.summaries.get(route)?.median)
    }

    /// The largest value of each route.
    pub(super) fn most(&self, criterion: Criterion) -> Vec<(Route, f64)> {
        let summaries = self.verdict(criterion).map(|verdict| verdict.summaries.iter());
        summaries.into_iter().flatten().map(|(route, summary)| (route, summary.most)).collect()
    }

    /// The sum over the valid runs of a route.
    pub(super) fn sum(&self, route: Route, of: impl Fn(&Run) -> f64) -> f64 {
        self.runs(route).iter().map(|run| of(run)).sum()
    }

    /// The sum of a criterion over the valid runs of a route.
    pub(super) fn total(&self, route: Route, criterion: Criterion) -> f64 {
        self.sum(route, |run| run.values.get(&criterion).copied().unwrap_or(0.0))
    }

    pub(super) fn runs(&self, route: Route) -> &[&'a Run] {
        self.runs.get(route).map_or(&[], Vec::as_slice)
    }

    /// The median over the valid runs of a route that have the number.
    pub(super) fn typical(&self, route: Route, of: impl Fn(&Run) -> Option<f64>) -> Option<f64> {
        statistics::median(&statistics::sorted(self.runs(route).iter().filter_map(|run| of(run)).collect()))
    }

    /// The run with the middle value of a criterion; the lower one of two.
    pub(super) fn middle_run(&self, route: Route, criterion: Criterion) -> Option<&'a Run> {
        let with = |run: &&'a Run| Some((*run.values.get(&criterion)?, *run));
        let mut runs: Vec<_> = self.runs(route).iter().filter_map(with).collect();
        runs.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        runs.get(runs.len().saturating_sub(1) / 2).map(|(_, run)| *run)
    }

    /// The pair of a better and a worse route with the largest distance between their medians.
    pub(super) fn widest(&self, criterion: Criterion) -> Option<(Route, Route)> {
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
