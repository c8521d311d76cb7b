//! The choice among the routes: the decision table, and sentences that follow from verdicts alone.

mod need;
mod sentence;
mod table;

use domain::Route;

use crate::judgement::{Choice, CriterionVerdict, Evidence, ScenarioVerdicts};
use crate::results::ScenarioResult;
use crate::{Criterion, Scenario, statistics};

/// Makes the table and the sentences from the verdicts; both slices are in the same order.
pub fn choose(results: &[ScenarioResult], verdicts: &[ScenarioVerdicts]) -> Choice {
    let cases: Vec<_> = results.iter().zip(verdicts).map(|(result, verdicts)| Case { result, verdicts }).collect();
    let (answer, sentences) = sentence::all(&cases);
    Choice { table: table::rows(&cases), answer, sentences }
}

/// A scenario with its verdicts.
#[derive(Clone, Copy)]
struct Case<'a> {
    result: &'a ScenarioResult,
    verdicts: &'a ScenarioVerdicts,
}

impl<'a> Case<'a> {
    fn scenario(&self) -> &'a Scenario {
        &self.result.scenario
    }

    /// The verdict on a criterion that was measured.
    fn verdict(&self, criterion: Criterion) -> Option<&'a CriterionVerdict> {
        self.verdicts.criterion(criterion).filter(|verdict| !verdict.summaries.is_empty())
    }

    fn evidence(&self, criterion: Criterion) -> Evidence {
        Evidence { scenario: self.verdicts.name.clone(), criterion }
    }

    /// Whether the scenario shows a criterion under the conditions for which one chooses: latencies and costs without
    /// faults; delivery with the strongest guarantee and senders that try again.
    fn is_usual_for(&self, criterion: Criterion) -> bool {
        let scenario = self.scenario();
        match criterion {
            Criterion::Unavailable | Criterion::MostWaiting | Criterion::Recovery | Criterion::MissedHistory => true,
            Criterion::Lost | Criterion::Duplicated | Criterion::OutOfOrder => {
                scenario.stack.guarantee == domain::guarantee::Guarantee::EffectivelyOnce && scenario.load.retry
            }
            _ => scenario.faults.is_empty(),
        }
    }
}

/// How far apart the medians of two routes are, in widths of the band; negative if the first has the smaller one.
fn distance(verdict: &CriterionVerdict, a: Route, b: Route) -> f64 {
    let median = |route| verdict.summaries.get(route).map_or(0.0, |summary| summary.median);
    let (a, b) = (median(a), median(b));
    let width = statistics::width(verdict.criterion, a.min(b));
    (a - b) / if width > 0.0 { width } else { 1.0 }
}

/// Whether some routes, and not all that were measured, are best.
fn has_best(verdict: &CriterionVerdict) -> bool {
    !verdict.best.is_empty() && verdict.best.len() < verdict.summaries.keys().count()
}

#[cfg(test)]
mod tests;
