//! The decision table: for each criterion the scenario that shows it best.

use std::cmp::Ordering;

use domain::Route;

use super::case::{Case, distance};
use crate::judgement::{Cell, CriterionVerdict, Mark, Outcome, Row};
use crate::{Criterion, number};

type Found<'a> = (&'a Case<'a>, &'a CriterionVerdict);

/// For each criterion that was measured the scenario that shows it best; below, if there is one, the clearest of those that show
/// the reverse under usual conditions.
pub(super) fn rows(cases: &[Case<'_>]) -> Vec<Row> {
    Criterion::ALL.into_iter().flat_map(|criterion| rows_of(cases, criterion)).collect()
}

fn rows_of(cases: &[Case<'_>], criterion: Criterion) -> Vec<Row> {
    let measured: Vec<Found<'_>> = cases.iter().filter_map(|case| Some((case, case.verdict(criterion)?))).collect();
    let Some(clearest) = clearest(measured.iter().copied()) else { return Vec::new() };
    let shows_reverse = |(case, verdict): &Found<'_>| case.is_usual_for(criterion) && is_reverse(clearest.1, verdict);
    let reverse = self::clearest(measured.iter().copied().filter(shows_reverse));
    let row = |(case, verdict): Found<'_>, is_reverse| {
        let cell = |(route, summary): (Route, &crate::judgement::Summary)| {
            let value = number::value(criterion, summary.median);
            let best_in = measured.iter().filter(|(_, verdict)| verdict.is_best(route)).count();
            (route, Cell { value, mark: mark(verdict, route), best_in })
        };
        Row {
            criterion,
            scenario: case.verdicts.name.clone(),
            is_reverse,
            cells: verdict.summaries.iter().map(cell).collect(),
            decided_in: measured.iter().filter(|(_, verdict)| verdict.has_best()).count(),
        }
    };
    [Some(row(clearest, false)), reverse.map(|reverse| row(reverse, true))].into_iter().flatten().collect()
}

/// The scenario with the clearest verdict, the first of equally clear ones.
fn clearest<'a>(found: impl DoubleEndedIterator<Item = Found<'a>>) -> Option<Found<'a>> {
    let by_clarity = |one: &Found<'_>, other: &Found<'_>| {
        clarity(one.0, one.1).partial_cmp(&clarity(other.0, other.1)).unwrap_or(Ordering::Equal)
    };
    found.rev().max_by(by_clarity)
}

/// Whether a pair of routes differs in both scenarios, the other way round.
fn is_reverse(verdict: &CriterionVerdict, other: &CriterionVerdict) -> bool {
    let differ = |outcome| matches!(outcome, Outcome::Better | Outcome::Worse);
    let mut pairs = verdict.pairs.iter().filter(|pair| differ(pair.outcome));
    pairs.any(|pair| other.outcome(pair.a, pair.b) == pair.outcome.reversed())
}

/// How clearly a scenario shows a criterion: a decision under usual conditions, any decision, nothing decided under usual
/// conditions, no difference, the rest. Then the largest distance. Of scenarios without a difference the one with the most faults,
/// then the most events, says most.
fn clarity(case: &Case<'_>, verdict: &CriterionVerdict) -> (u8, usize, f64) {
    let decided = verdict.pairs.iter().any(|pair| matches!(pair.outcome, Outcome::Better | Outcome::Worse));
    let distances = verdict.pairs.iter().map(|pair| distance(verdict, pair.a, pair.b).abs());
    let largest = distances.fold(0.0, f64::max);
    let load = &case.scenario().load;
    match (decided, case.is_usual_for(verdict.criterion), verdict.best.is_empty()) {
        (true, true, _) => (4, 0, largest),
        (true, false, _) => (3, 0, largest),
        (false, true, true) => (2, 0, largest),
        (false, true, false) => (1, case.scenario().faults.len(), load.rate * f64::from(load.seconds)),
        (false, false, _) => (0, 0, largest),
    }
}

fn mark(verdict: &CriterionVerdict, route: Route) -> Mark {
    let any = |outcome| verdict.any(route, &Route::ALL, outcome);
    match (any(Outcome::Better), any(Outcome::Worse)) {
        _ if verdict.is_best(route) => Mark::Best,
        _ if verdict.best.contains(&route) => Mark::Same,
        (true, true) => Mark::Middle,
        (true, false) => Mark::Ahead,
        (false, true) => Mark::Worst,
        (false, false) => Mark::Undecided,
    }
}
