//! The sentences: which route to choose when, and the evidence.

use domain::Route;

use super::need::{IN_ANSWER, Met, NEEDS, Need, Reason, Scope};
use super::{Case, distance, has_best};
use crate::judgement::{Outcome, Sentence};
use crate::phrase;
use crate::{Criterion, number, statistics};

/// The answer in one sentence, and all sentences.
pub(super) fn all(cases: &[Case<'_>]) -> (String, Vec<Sentence>) {
    let met: Vec<_> = NEEDS.iter().map(|need| (need, need.met(cases))).collect();
    let met: Vec<_> = met.into_iter().filter_map(|(need, met)| Some((need, met?))).collect();
    if met.is_empty() {
        let text = "These runs decide nothing about the choice: no difference between the routes is sure.".to_owned();
        return (text.clone(), vec![Sentence { routes: Vec::new(), text, evidence: Vec::new() }]);
    }
    let in_answer = NEEDS.iter().take(IN_ANSWER).map(|need| need.clause).collect::<Vec<_>>();
    let mut for_answer: Vec<_> = met.iter().filter(|(need, _)| in_answer.contains(&need.clause)).collect();
    if for_answer.is_empty() {
        for_answer = met.iter().take(1).collect();
    }
    let mut sentences: Vec<_> = met.iter().map(|(need, met)| choose(need, met)).collect();
    let chosen = |route: &Route| met.iter().any(|(_, met)| met.routes.contains(route));
    sentences.extend(Route::ALL.into_iter().filter(|route| !chosen(route)).filter_map(|route| never(route, cases)));
    (answer(&for_answer), sentences)
}

/// "Choose kafka when … or when …; choose http-push when …."
fn answer(met: &[&(&Need, Met<'_>)]) -> String {
    let mut groups: Vec<(&[Route], Vec<String>)> = Vec::new();
    for (need, met) in met {
        let clause = format!("when {}", need.clause);
        match groups.iter_mut().find(|(routes, _)| *routes == met.routes) {
            Some((_, clauses)) => clauses.push(clause),
            None => groups.push((&met.routes, vec![clause])),
        }
    }
    let parts = groups
        .into_iter()
        .map(|(routes, clauses)| format!("choose {} {}", one_of(routes), phrase::list(clauses, "or")));
    format!("{}.", phrase::sentence(&parts.collect::<Vec<_>>().join("; ")))
}

fn one_of(routes: &[Route]) -> String {
    phrase::list(routes.iter().map(|route| route.name().to_owned()).collect(), "or")
}

fn choose(need: &Need, met: &Met<'_>) -> Sentence {
    let reasons: Vec<_> = met.reasons.iter().map(|reason| numbers(reason, &met.routes, need.scope)).collect();
    let mut text = format!("Choose {} when {}: {}.", one_of(&met.routes), need.clause, reasons.join("; "));
    for reason in &met.against {
        let others: Vec<_> = better(reason);
        text += &format!(" But {}.", numbers(reason, &others, need.scope));
    }
    let stored = met.routes.contains(&Route::HttpPoll)
        && met.reasons.iter().any(|reason| reason.criterion == Criterion::Unavailable);
    if let Some(seconds) =
        met.reasons.first().filter(|_| stored).map(|reason| reason.case.scenario().stack.store_ttl_seconds)
    {
        text += &format!(" The store of http-poll keeps an event for {seconds} s at most.");
    }
    let evidence = met.reasons.iter().chain(&met.against).map(|reason| reason.case.evidence(reason.criterion));
    Sentence { routes: met.routes.clone(), text, evidence: evidence.collect() }
}

/// The routes than which a route is worse.
fn better(reason: &Reason<'_>) -> Vec<Route> {
    let Some(verdict) = reason.case.verdict(reason.criterion) else { return Vec::new() };
    let better = |other: &Route| reason.worse.iter().any(|route| verdict.outcome(*route, *other) == Outcome::Worse);
    Route::ALL.into_iter().filter(better).collect()
}

/// "in consumer-down, kafka was available all the time, http-push was unavailable 48 % of the time"
fn numbers(reason: &Reason<'_>, others: &[Route], scope: Scope) -> String {
    let routes = others.iter().chain(&reason.worse);
    let of = |route: &Route| Some(format!("{route} {}", value(reason, *route)?));
    let values: Vec<_> = routes.filter_map(of).collect();
    let rate = match scope {
        Scope::Quietest => format!(" ({} events/s)", number::short(reason.case.scenario().load.rate)),
        Scope::Usual => String::new(),
    };
    format!("in {}{rate}, {}", reason.case.verdicts.name, phrase::list(values, "and"))
}

fn value(reason: &Reason<'_>, route: Route) -> Option<String> {
    let median = reason.case.verdict(reason.criterion)?.summaries.get(route)?.median;
    let valid = reason.case.result.runs.iter().filter(|run| run.route == route && run.void.is_empty());
    let due = statistics::median(&statistics::sorted(valid.map(|run| run.due as f64).collect()))?;
    Some(match reason.criterion {
        Criterion::Lost => format!("lost {} of {}", number::short(median), phrase::events(due)),
        criterion => phrase::of(criterion, median),
    })
}

/// The sentence about a route that meets no need best; nothing if the route was not measured.
fn never(route: Route, cases: &[Case<'_>]) -> Option<Sentence> {
    let verdicts = cases.iter().flat_map(|case| case.verdicts.criteria.iter().map(move |verdict| (case, verdict)));
    let measured: Vec<_> = verdicts.filter(|(_, verdict)| verdict.summaries.get(route).is_some()).collect();
    measured.first()?;
    let best: Vec<_> =
        measured.iter().filter(|(_, verdict)| has_best(verdict) && verdict.best.contains(&route)).collect();
    let ahead = |verdict: &crate::judgement::CriterionVerdict| {
        Route::ALL.into_iter().map(|other| distance(verdict, other, route)).fold(0.0, f64::max)
    };
    let clearest = best.iter().max_by(|(_, one), (_, other)| ahead(one).total_cmp(&ahead(other)));
    let (text, evidence) = match clearest {
        None => {
            (format!("Nothing here speaks for {route}: in no scenario is it among the best at anything."), Vec::new())
        }
        Some((case, verdict)) => {
            let count = if best.len() == 1 { "one verdict".to_owned() } else { format!("{} verdicts", best.len()) };
            let (title, name) = (verdict.criterion.title(), &case.verdicts.name);
            let text = format!(
                "{} meets none of these needs best; it is among the best in {count}, most clearly in {name} ({title}).",
                route
            );
            (text, vec![case.evidence(verdict.criterion)])
        }
    };
    Some(Sentence { routes: vec![route], text, evidence })
}
