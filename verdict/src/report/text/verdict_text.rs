//! Verdicts in a few words.

use domain::Route;

use crate::judgement::{
    CriterionVerdict, Effect, Judgement, Mark, Outcome, PairVerdict, PredictionOutcome, Rule, Scale, ScenarioVerdicts,
};
use crate::number::{short, value};
use crate::statistics::LEAST_CONFIDENCE;
use crate::{Criterion, phrase};

/// The routes that are best, or that were predicted to be.
pub(crate) fn best_routes(routes: &[Route]) -> String {
    match routes {
        [] => "undecided".to_owned(),
        [route] => format!("{route} is best"),
        [_, _] => format!("{} are best", phrase::routes(routes, "and")),
        _ => "no practical difference".to_owned(),
    }
}

/// The outcome of a criterion: the best routes, or else the pairs that are decided.
pub(crate) fn outcome(verdict: &CriterionVerdict) -> String {
    let better_than = |route: Route| {
        let is_better = |other: &Route| verdict.outcome(*other, route) == Outcome::Better;
        let better: Vec<_> = Route::ALL.into_iter().filter(is_better).collect();
        let verb = if better.len() == 1 { "is" } else { "are" };
        (!better.is_empty()).then(|| format!("{} {verb} better than {route}", phrase::routes(&better, "and")))
    };
    let same = verdict.pairs.iter().filter(|pair| pair.outcome == Outcome::Same);
    let same = same.map(|pair| format!("{} and {} are practically the same", pair.a, pair.b));
    let mut found: Vec<_> = Route::ALL.into_iter().filter_map(better_than).chain(same).collect();
    if !verdict.best.is_empty() || found.is_empty() {
        return best_routes(&verdict.best);
    }
    let is_open = verdict.pairs.iter().any(|pair| pair.outcome == Outcome::Undecided);
    found.extend(is_open.then(|| "the rest is undecided".to_owned()));
    found.join("; ")
}

/// The word of a mark, and its sign.
pub(crate) const fn mark(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Best => ("best", "✓"),
        Mark::Ahead => ("better than one", "+"),
        Mark::Middle => ("in between", "·"),
        Mark::Worst => ("worse", "✗"),
        Mark::Same => ("same", "="),
        Mark::Undecided => ("undecided", "?"),
    }
}

/// The word of a prediction's result, and its sign.
pub(crate) const fn result(outcome: PredictionOutcome) -> (&'static str, &'static str) {
    match outcome {
        PredictionOutcome::Right => ("right", "✓"),
        PredictionOutcome::Wrong => ("wrong", "✗"),
        PredictionOutcome::Undecided => ("undecided", "?"),
    }
}

/// The predictions with this result: their scenarios, their verdicts, and the routes that were predicted to be best.
pub(crate) fn predicted(
    judgement: &Judgement,
    outcome: PredictionOutcome,
) -> impl Iterator<Item = (&str, &CriterionVerdict, &[Route])> {
    let all =
        judgement.scenarios.iter().flat_map(|scenario| scenario.criteria.iter().map(move |found| (scenario, found)));
    all.filter_map(move |(scenario, verdict)| {
        let prediction = verdict.prediction.as_ref().filter(|prediction| prediction.outcome == outcome)?;
        Some((scenario.name.as_str(), verdict, &prediction.best[..]))
    })
}

/// How many predictions were right.
pub(crate) fn tally(judgement: &Judgement) -> String {
    let [right, wrong, undecided] = [PredictionOutcome::Right, PredictionOutcome::Wrong, PredictionOutcome::Undecided]
        .map(|outcome| predicted(judgement, outcome).count());
    match right + wrong + undecided {
        0 => "Nothing was predicted.".to_owned(),
        all => format!("Of {all} predictions {right} were right, {wrong} wrong, and {undecided} are undecided."),
    }
}

/// The pairs that the verdicts compare, in their order.
pub(crate) fn pairs(verdicts: &ScenarioVerdicts) -> Vec<(Route, Route)> {
    let mut pairs: Vec<(Route, Route)> = Vec::new();
    for pair in verdicts.criteria.iter().flat_map(|verdict| &verdict.pairs) {
        if !pairs.contains(&(pair.a, pair.b)) {
            pairs.push((pair.a, pair.b));
        }
    }
    pairs
}

fn is_zero(verdict: &CriterionVerdict) -> bool {
    !verdict.summaries.is_empty() && verdict.summaries.values().all(|summary| summary.most == 0.0)
}

/// The verdicts on criteria that are not 0 on all routes.
pub(crate) fn telling(verdicts: &ScenarioVerdicts) -> impl Iterator<Item = &CriterionVerdict> {
    verdicts.criteria.iter().filter(|verdict| !is_zero(verdict))
}

/// The criteria that are 0 on all routes, in one sentence.
pub(crate) fn zeros(verdicts: &ScenarioVerdicts) -> Option<String> {
    let zeros = verdicts.criteria.iter().filter(|verdict| is_zero(verdict));
    let titles: Vec<String> = zeros.map(|verdict| verdict.criterion.title().to_owned()).collect();
    (!titles.is_empty())
        .then(|| format!("0 in all valid runs of the measured routes: {}.", phrase::list(titles, "and")))
}

/// The band of a criterion.
pub(crate) fn band(criterion: Criterion) -> String {
    let band = criterion.band();
    let absolute = value(criterion, band.absolute);
    match (band.relative > 0.0, band.absolute > 0.0) {
        (true, true) => format!("{} % or {absolute}", short(band.relative * 100.0)),
        (true, false) => format!("{} %", short(band.relative * 100.0)),
        (false, true) => absolute,
        (false, false) => "none".to_owned(),
    }
}

/// `1.2 to 3.4`.
pub(crate) fn range(least: f64, most: f64) -> String {
    format!("{} to {}", short(least), short(most))
}

/// The better one of two routes.
pub(crate) const fn winner(pair: &PairVerdict) -> Option<Route> {
    match pair.outcome {
        Outcome::Better => Some(pair.a),
        Outcome::Worse => Some(pair.b),
        Outcome::Same | Outcome::Undecided => None,
    }
}

/// The verdict on two routes.
pub(crate) fn comparison(pair: &PairVerdict) -> String {
    match (winner(pair), pair.outcome, pair.rule) {
        (Some(route), ..) => format!("{route} better"),
        (None, Outcome::Same, _) => "same".to_owned(),
        (.., Rule::TooFewRuns) => "too few runs".to_owned(),
        _ => "undecided".to_owned(),
    }
}

/// An effect with its interval: `× 1.2 (1.1 to 1.3)` or `+3 (2 to 4)`; a low confidence is stated.
pub(crate) fn effect(effect: &Effect) -> String {
    let Effect { scale, low, estimate, high, confidence } = *effect;
    let estimate = match scale {
        Scale::Ratio => format!("×\u{a0}{}", short(estimate)),
        Scale::Difference if estimate > 0.0 => format!("+{}", short(estimate)),
        Scale::Difference => short(estimate),
    };
    match () {
        () if low == high && confidence < LEAST_CONFIDENCE => format!("{estimate} ({} %)", short(confidence * 100.0)),
        () if low == high => estimate,
        () if confidence < LEAST_CONFIDENCE => {
            format!("{estimate} ({}, {} %)", range(low, high), short(confidence * 100.0))
        }
        () => format!("{estimate} ({})", range(low, high)),
    }
}

/// For each route the criteria at which it is best, alone or with one other.
pub(crate) fn best(verdicts: &ScenarioVerdicts) -> Vec<(Route, Vec<&'static str>)> {
    let of = |route| {
        let best = verdicts.criteria.iter().filter(|verdict| verdict.is_best(route));
        (route, best.map(|verdict| verdict.criterion.title()).collect())
    };
    Route::ALL.map(of).into()
}

/// The title of a criterion; with its unit where the values leave a part of it out.
pub(crate) fn title(criterion: Criterion) -> String {
    let unit = criterion.unit();
    if unit.contains(" per ") { format!("{}, {unit}", criterion.title()) } else { criterion.title().to_owned() }
}

/// The unit of a criterion, unless each of its values shows it in full.
pub(crate) fn unit(criterion: Criterion) -> Option<&'static str> {
    Some(criterion.unit()).filter(|unit| !matches!(*unit, "ms" | "s" | "MiB"))
}
