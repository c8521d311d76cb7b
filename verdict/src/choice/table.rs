//! The decision table: for each criterion the scenario that shows it best.

use domain::Route;

use super::case::{Case, distance, has_best};
use crate::judgement::{Cell, CriterionVerdict, Mark, Outcome, Row};
use crate::{Criterion, number};

/// One row for each criterion that was measured.
pub(super) fn rows(cases: &[Case<'_>]) -> Vec<Row> {
    Criterion::ALL.into_iter().filter_map(|criterion| row(cases, criterion)).collect()
}

fn row(cases: &[Case<'_>], criterion: Criterion) -> Option<Row> {
    let measured: Vec<_> = cases.iter().filter_map(|case| Some((case, case.verdict(criterion)?))).collect();
    let (mut case, mut verdict) = *measured.first()?;
    let mut most = clarity(case, verdict);
    for (other, of_other) in &measured {
        let clarity = clarity(other, of_other);
        if clarity > most {
            (case, verdict, most) = (other, of_other, clarity);
        }
    }
    let best_in = |route| {
        let best = |verdict: &CriterionVerdict| has_best(verdict) && verdict.best.contains(&route);
        measured.iter().filter(|(_, verdict)| best(verdict)).count()
    };
    let cell = |(route, summary): (Route, &crate::judgement::Summary)| {
        let value = number::value(criterion, summary.median);
        (route, Cell { value, mark: mark(verdict, route), best_in: best_in(route) })
    };
    Some(Row {
        criterion,
        scenario: case.verdicts.name.clone(),
        cells: verdict.summaries.iter().map(cell).collect(),
        decided_in: measured.iter().filter(|(_, verdict)| has_best(verdict)).count(),
    })
}

/// How clearly a scenario shows a criterion: a decision under usual conditions, any decision, nothing decided under usual
/// conditions, no difference, the rest. Then, of decisions, the number of pairs that differ; then the largest distance. Of
/// scenarios without a difference the one with the most faults, then the most events, says most.
fn clarity(case: &Case<'_>, verdict: &CriterionVerdict) -> (u8, usize, f64) {
    let decided = verdict.pairs.iter().filter(|pair| matches!(pair.outcome, Outcome::Better | Outcome::Worse));
    let decided = decided.count();
    let distances = verdict.pairs.iter().map(|pair| distance(verdict, pair.a, pair.b).abs());
    let largest = distances.fold(0.0, f64::max);
    let load = &case.scenario().load;
    match (decided > 0, case.is_usual_for(verdict.criterion), verdict.best.is_empty()) {
        (true, true, _) => (4, decided, largest),
        (true, false, _) => (3, decided, largest),
        (false, true, true) => (2, 0, largest),
        (false, true, false) => (1, case.scenario().faults.len(), load.rate * f64::from(load.seconds)),
        (false, false, _) => (0, 0, largest),
    }
}

fn mark(verdict: &CriterionVerdict, route: Route) -> Mark {
    let any = |outcome| verdict.any(route, outcome);
    match (any(Outcome::Better), any(Outcome::Worse)) {
        _ if verdict.best.contains(&route) => {
            if has_best(verdict) {
                Mark::Best
            } else {
                Mark::Same
            }
        }
        (true, true) => Mark::Middle,
        (true, false) => Mark::Ahead,
        (false, true) => Mark::Worst,
        (false, false) => Mark::Undecided,
    }
}
