//! The judge: results in, judgement out.

use std::collections::BTreeMap;

use domain::{ByRoute, Route};

use crate::judgement::{CriterionVerdict, Outcome, PairVerdict, Predicted, PredictionOutcome, ScenarioVerdicts};
use crate::results::{Run, ScenarioResult};
use crate::scenario::Prediction;
use crate::{Criterion, Judgement, Results, choice, statistics, why};

/// Judges a comparison. The same results always give the same judgement. Void runs decide nothing.
pub fn judge(results: &Results) -> Judgement {
    let scenarios: Vec<_> = results.scenarios.iter().map(scenario).collect();
    let choice = choice::choose(&results.scenarios, &scenarios);
    Judgement { scenarios, choice }
}

/// The verdicts that call a route better or worse than another. If both are one route under two names, all are false.
pub fn differences(judgement: &Judgement, a: Route, b: Route) -> Vec<(&str, Criterion, Outcome)> {
    let all = judgement.scenarios.iter().flat_map(|scenario| {
        scenario.criteria.iter().map(|verdict| (scenario.name.as_str(), verdict.criterion, verdict.outcome(a, b)))
    });
    all.filter(|(_, _, outcome)| matches!(outcome, Outcome::Better | Outcome::Worse)).collect()
}

fn scenario(result: &ScenarioResult) -> ScenarioVerdicts {
    let (valid, void): (Vec<_>, Vec<_>) = result.runs.iter().partition(|run| run.void.is_empty());
    let criteria: Vec<_> =
        Criterion::ALL.into_iter().filter_map(|criterion| verdict(result, &valid, criterion)).collect();
    ScenarioVerdicts {
        name: result.scenario.name.clone(),
        why: why::paragraph(&result.scenario, &valid, &criteria),
        criteria,
        void: void.len(),
    }
}

/// The verdict on a criterion; nothing if it was neither measured nor predicted.
fn verdict(result: &ScenarioResult, valid: &[&Run], criterion: Criterion) -> Option<CriterionVerdict> {
    let mut values: BTreeMap<Route, Vec<f64>> = BTreeMap::new();
    for run in valid {
        if let Some(value) = run.values.get(&criterion) {
            values.entry(run.route).or_default().push(*value);
        }
    }
    // A run without the value may be the worst of all: a route that lost too much has no percentile.
    values.retain(|route, values| values.len() == valid.iter().filter(|run| run.route == *route).count());
    let prediction = result.scenario.predict.get(&criterion);
    if values.is_empty() && prediction.is_none() {
        return None;
    }
    let summaries: ByRoute<_> =
        values.iter().filter_map(|(route, values)| Some((*route, statistics::summary(values)?))).collect();
    let mut verdict =
        CriterionVerdict { criterion, summaries, pairs: pairs(criterion, &values), best: Vec::new(), prediction: None };
    verdict.best = best(&verdict);
    verdict.prediction = prediction.map(|prediction| predicted(prediction, &verdict));
    Some(verdict)
}

fn pairs(criterion: Criterion, values: &BTreeMap<Route, Vec<f64>>) -> Vec<PairVerdict> {
    let after = |a: Route| values.iter().filter(move |(b, _)| **b > a);
    let pair = |(a, of_a): (&Route, &Vec<f64>), (b, of_b): (&Route, &Vec<f64>)| {
        let (effect, outcome, rule) = statistics::compare(criterion, of_a, of_b);
        PairVerdict { a: *a, b: *b, effect, outcome, rule }
    };
    values.iter().flat_map(|first| after(*first.0).map(move |second| pair(first, second))).collect()
}

/// The set of routes that fulfils its claim: better than all others, and the same among themselves. There is at most one.
fn best(verdict: &CriterionVerdict) -> Vec<Route> {
    let measured: Vec<_> = verdict.summaries.keys().collect();
    if measured.len() < 2 {
        return Vec::new();
    }
    let sets = (1..1_u8 << measured.len())
        .map(|bits| (0..measured.len()).filter(|index| bits >> index & 1 == 1).map(|index| measured[index]).collect());
    let holds = |set: &Vec<Route>| claims(set, &measured).all(|(a, b, claim)| verdict.outcome(a, b) == claim);
    sets.into_iter().find(holds).unwrap_or_default()
}

/// The verdicts that make these routes the best: each pair of them the same, each of them better than each other route.
fn claims(best: &[Route], all: &[Route]) -> impl Iterator<Item = (Route, Route, Outcome)> {
    let of = |a: Route, b: Route| match (best.contains(&a), best.contains(&b)) {
        (true, true) if a < b => Some((a, b, Outcome::Same)),
        (true, false) => Some((a, b, Outcome::Better)),
        _ => None,
    };
    best.iter().flat_map(move |a| all.iter().filter_map(move |b| of(*a, *b)))
}

fn predicted(prediction: &Prediction, verdict: &CriterionVerdict) -> Predicted {
    let best = match prediction {
        Prediction::Same(_) => Route::ALL.to_vec(),
        Prediction::Best(routes) => routes.clone(),
    };
    let found: Vec<_> = claims(&best, &Route::ALL).map(|(a, b, claim)| (verdict.outcome(a, b), claim)).collect();
    let outcome = if found.is_empty() {
        PredictionOutcome::Undecided
    } else if found.iter().all(|(found, claim)| found == claim) {
        PredictionOutcome::Right
    } else if found.iter().any(|(found, claim)| *found != Outcome::Undecided && found != claim) {
        PredictionOutcome::Wrong
    } else {
        PredictionOutcome::Undecided
    };
    Predicted { best, outcome }
}

#[cfg(test)]
mod tests;
