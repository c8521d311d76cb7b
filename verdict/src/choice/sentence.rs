//! The sentences: which route to choose when, and the evidence.

use domain::Route;

use super::case::{Case, distance};
use super::need::{IN_ANSWER, Met, NEEDS, Need, Reason, Scope};
use crate::judgement::{CriterionVerdict, Outcome, Sentence};
use crate::scenario::Stack;
use crate::{Criterion, number, phrase, statistics};

/// The answer, and all sentences.
pub(super) fn all(cases: &[Case<'_>]) -> (Vec<String>, Vec<Sentence>) {
    let met: Vec<_> = (0..).zip(&NEEDS).filter_map(|(index, need)| Some((index, need, need.met(cases)?))).collect();
    if met.is_empty() {
        let mut pairs = cases.iter().flat_map(|case| &case.verdicts.criteria).flat_map(|verdict| &verdict.pairs);
        let text = if pairs.any(|pair| matches!(pair.outcome, Outcome::Better | Outcome::Worse)) {
            "These runs favour no route for any need; the verdicts of the scenarios show where the routes differ."
        } else {
            "These runs decide nothing: no difference between the routes is sure."
        };
        return (
            vec![text.to_owned()],
            vec![Sentence { routes: Vec::new(), text: text.to_owned(), evidence: Vec::new() }],
        );
    }
    let in_answer = met.iter().filter(|(index, ..)| *index < IN_ANSWER).count().max(1);
    let mut sentences: Vec<_> = met.iter().map(|(_, need, met)| choose(need, met)).collect();
    let chosen = |route: &Route| met.iter().any(|(.., met)| met.routes.contains(route));
    sentences.extend(Route::ALL.into_iter().filter(|route| !chosen(route)).filter_map(|route| never(route, cases)));
    (met.iter().take(in_answer).map(|(_, need, met)| answer(need, met)).collect(), sentences)
}

/// "Choose kafka when …."
fn answer(need: &Need, met: &Met<'_>) -> String {
    format!("Choose {} when {}.", phrase::routes(&met.routes, "or"), need.clause)
}

fn choose(need: &Need, met: &Met<'_>) -> Sentence {
    let mut reasons = Vec::new();
    let mut last = String::new();
    for reason in &met.reasons {
        let place = place(reason, need.scope);
        let mut routes = met.routes.clone();
        routes.extend(Route::ALL.into_iter().filter(|route| !met.routes.contains(route)));
        let values = values(reason, &routes);
        reasons.push(if place == last { values } else { format!("{place}, {values}") });
        last = place;
    }
    let mut text =
        format!("Choose {} when {}: {}.", phrase::routes(&met.routes, "or"), need.clause, reasons.join("; "));
    for reason in &met.against {
        text += &format!(" But {}.", exception(reason, need.scope));
    }
    let away = met.reasons.iter().any(|reason| reason.criterion == Criterion::Unavailable);
    if away && met.routes.contains(&Route::HttpPoll) {
        let seconds = Stack::default().store_ttl_seconds;
        text += &format!(" The store of http-poll drops an event after {seconds} s by default.");
    }
    let evidence = met.reasons.iter().chain(&met.against).map(|reason| reason.case.evidence(reason.criterion));
    Sentence { routes: met.routes.clone(), text, evidence: evidence.collect() }
}

/// "in quiet (5 events/s), kafka took 620 MiB of memory and http-push 80 MiB": a route that is worse, and the best of those
/// that are better.
fn exception(reason: &Reason<'_>, scope: Scope) -> String {
    let mut routes = reason.worse.clone();
    if let Some(verdict) = reason.case.verdict(reason.criterion) {
        let better = |other: &Route| routes.iter().any(|route| verdict.outcome(*route, *other) == Outcome::Worse);
        let median = |route: &Route| verdict.summaries.get(*route).map_or(f64::MAX, |summary| summary.median);
        let best = Route::ALL.into_iter().filter(better).min_by(|one, other| median(one).total_cmp(&median(other)));
        routes.extend(best);
    }
    format!("{}, {}", place(reason, scope), values(reason, &routes))
}

/// The scenario, with the condition that decides there.
fn place(reason: &Reason<'_>, scope: Scope) -> String {
    let (name, scenario) = (&reason.case.verdicts.name, reason.case.scenario());
    let seconds = scenario.stack.store_ttl_seconds;
    let expires = matches!(reason.criterion, Criterion::Lost | Criterion::MissedHistory);
    match scope {
        Scope::Quietest => format!("in {name} ({} events/s)", number::short(scenario.load.rate)),
        Scope::Usual if expires && seconds != Stack::default().store_ttl_seconds => {
            format!("in {name} (where the store of http-poll drops an event after {seconds} s)")
        }
        Scope::Usual => format!("in {name}"),
    }
}

/// The values of the routes that have one: the first in words, the others as numbers.
fn values(reason: &Reason<'_>, routes: &[Route]) -> String {
    let median = |route: &Route| Some((*route, reason.case.verdict(reason.criterion)?.summaries.get(*route)?.median));
    let mut measured = routes.iter().filter_map(median);
    let first = measured.next().and_then(|(route, median)| Some(format!("{route} {}", words(reason, route, median)?)));
    let others = measured.map(|(route, median)| format!("{route} {}", phrase::number(reason.criterion, median)));
    phrase::list(first.into_iter().chain(others).collect(), "and")
}

fn words(reason: &Reason<'_>, route: Route, median: f64) -> Option<String> {
    if reason.criterion != Criterion::Lost {
        return Some(phrase::counted(reason.criterion, median));
    }
    let valid = reason.case.result.runs.iter().filter(|run| run.route == route && run.void.is_empty());
    let due = statistics::median(&statistics::sorted(valid.map(|run| run.due as f64).collect()))?;
    Some(format!("lost {} of {}", number::short(median), phrase::events(due)))
}

/// The sentence about a route that meets no need best; nothing if the route was not measured.
fn never(route: Route, cases: &[Case<'_>]) -> Option<Sentence> {
    let verdicts = cases.iter().flat_map(|case| case.verdicts.criteria.iter().map(move |verdict| (case, verdict)));
    let measured: Vec<_> = verdicts.filter(|(_, verdict)| verdict.summaries.get(route).is_some()).collect();
    measured.first()?;
    let best: Vec<_> = measured.iter().filter(|(_, verdict)| verdict.is_best(route)).collect();
    let ahead = |verdict: &CriterionVerdict| {
        Route::ALL.into_iter().map(|other| distance(verdict, other, route)).fold(0.0, f64::max)
    };
    let Some((case, verdict)) = best.iter().max_by(|(_, one), (_, other)| ahead(one).total_cmp(&ahead(other))) else {
        let text = format!("Nothing here speaks for {route}: in no scenario is it among the best at anything.");
        return Some(Sentence { routes: vec![route], text, evidence: Vec::new() });
    };
    let count = if best.len() == 1 { "one verdict".to_owned() } else { format!("{} verdicts", best.len()) };
    let (title, name) = (verdict.criterion.title(), &case.verdicts.name);
    let text = format!(
        "{route} meets none of these needs best; it is among the best in {count}, most clearly in {name} ({title})."
    );
    Some(Sentence { routes: vec![route], text, evidence: vec![case.evidence(verdict.criterion)] })
}
