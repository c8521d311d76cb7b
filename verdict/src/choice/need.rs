//! The needs of those who choose, and the routes that meet them, step by step.

use domain::Route;

use super::case::{Case, distance};
use crate::judgement::{CriterionVerdict, Outcome, Summary};
use crate::{Criterion, statistics};

/// A need: after "Choose kafka when".
pub(super) struct Need {
    pub clause: &'static str,
    /// The criterion by which a route must be left out; without one any may be.
    pub by: Option<Criterion>,
    pub scope: Scope,
    pub steps: &'static [Step],
}

/// The scenarios that count for a need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that are usual for the criterion.
    Usual,
    /// The one without faults and with the lowest rate.
    Quietest,
}

/// A step leaves fewer routes, or as many.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Those whose median is within the bound.
    Within(Criterion, f64),
    /// Those that are worse than another in the fewest scenarios, and better in at least one if any is.
    Least(Criterion),
}

/// The needs, the most important first; the answer has the first [`IN_ANSWER`].
pub(super) const NEEDS: [Need; 10] = [
    // Runs in which no route lost an event say nothing about losses.
    Need {
        by: Some(Criterion::Lost),
        ..need(
            "no event may be lost, not even in a long outage, and its effect may be late",
            &[Step::Least(Criterion::Lost), Step::Least(Criterion::Unavailable)],
        )
    },
    need(
        "senders must be able to hand over an event at any time, and its effect may be late",
        &[Step::Least(Criterion::Unavailable)],
    ),
    Need {
        clause: "an effect must be visible within 50 ms and few parts are to be run",
        by: None,
        scope: Scope::Quietest,
        steps: &[
            Step::Within(Criterion::ProcessedP99, 50.0),
            Step::Least(Criterion::Parts),
            Step::Least(Criterion::ProcessedP99),
        ],
    },
    need("another reader comes later and wants the earlier events", &[Step::Least(Criterion::MissedHistory)]),
    need(
        "the sender must have its answer soon",
        &[Step::Least(Criterion::AcceptedP99), Step::Least(Criterion::AcceptedP50)],
    ),
    need("memory and processor time are scarce", &[Step::Least(Criterion::Memory), Step::Least(Criterion::Cpu)]),
    need("it must catch up soon after an outage", &[Step::Least(Criterion::Recovery)]),
    need("no effect may come twice", &[Step::Least(Criterion::Duplicated)]),
    need("the order of a sender's events matters", &[Step::Least(Criterion::OutOfOrder)]),
    need("it must start quickly", &[Step::Least(Criterion::Startup)]),
];

/// See [`NEEDS`].
pub(super) const IN_ANSWER: usize = 4;

const fn need(clause: &'static str, steps: &'static [Step]) -> Need {
    Need { clause, by: None, scope: Scope::Usual, steps }
}

/// The routes that meet a need, and the reasons.
pub(super) struct Met<'a> {
    pub routes: Vec<Route>,
    /// For each route that a step left out: the scenario that shows it best; routes that it shows alike are together. A bound
    /// has a reason in any case.
    pub reasons: Vec<Reason<'a>>,
    /// The scenarios in which a route that meets the need is worse than another.
    pub against: Vec<Reason<'a>>,
}

/// A scenario that shows routes to be worse than others at a criterion.
pub(super) struct Reason<'a> {
    pub case: Case<'a>,
    pub criterion: Criterion,
    pub worse: Vec<Route>,
}

impl Need {
    /// The routes that meet the need; nothing if the verdicts leave out none.
    pub(super) fn met<'a>(&self, cases: &[Case<'a>]) -> Option<Met<'a>> {
        let mut met = Met { routes: Route::ALL.to_vec(), reasons: Vec::new(), against: Vec::new() };
        let mut left_out = Vec::new();
        for step in self.steps {
            let (Step::Within(criterion, _) | Step::Least(criterion)) = *step;
            let cases = self.scope.of(cases, criterion);
            if cases.is_empty() && matches!(step, Step::Least(_)) {
                continue;
            }
            met.routes.retain(|route| cases.iter().any(|(_, verdict)| verdict.summaries.get(*route).is_some()));
            let left = step.left(&met.routes, &cases);
            let out: Vec<_> = met.routes.iter().copied().filter(|route| !left.contains(route)).collect();
            met.reasons.extend(step.reasons(&left, &out, &cases));
            left_out.extend((!out.is_empty()).then_some(criterion));
            met.routes = left;
        }
        for step in self.steps {
            let Step::Least(criterion) = *step else { continue };
            let cases = self.scope.of(cases, criterion);
            met.against
                .extend(by_scenario(met.routes.iter().filter_map(|route| clearest(*route, &Route::ALL, &cases))));
        }
        let decides = self.by.map_or(!left_out.is_empty(), |by| left_out.contains(&by));
        (decides && !met.routes.is_empty()).then_some(met)
    }
}

type Found<'a> = (Case<'a>, &'a CriterionVerdict);

impl Scope {
    fn of<'a>(self, cases: &[Case<'a>], criterion: Criterion) -> Vec<Found<'a>> {
        let measured = cases.iter().filter(|case| case.is_usual_for(criterion));
        let mut found: Vec<_> = measured.filter_map(|case| Some((*case, case.verdict(criterion)?))).collect();
        if self == Self::Quietest {
            found.retain(|(case, _)| case.scenario().faults.is_empty());
            found.sort_by(|(one, _), (other, _)| one.scenario().load.rate.total_cmp(&other.scenario().load.rate));
            found.truncate(1);
        }
        found
    }
}

impl Step {
    fn left(self, routes: &[Route], cases: &[Found<'_>]) -> Vec<Route> {
        match self {
            Self::Within(_, most) => {
                let within = |found: &Summary| found.median <= most && found.count >= statistics::LEAST_RUNS;
                let is_within = |route: &Route| cases.iter().all(|(_, v)| v.summaries.get(*route).is_some_and(within));
                routes.iter().copied().filter(is_within).collect()
            }
            Self::Least(_) => {
                let count = |route, outcome| cases.iter().filter(|(_, v)| v.any(route, routes, outcome)).count();
                let least = routes.iter().map(|route| count(*route, Outcome::Worse)).min();
                let mut left: Vec<_> = routes.to_vec();
                left.retain(|route| Some(count(*route, Outcome::Worse)) == least);
                if left.iter().any(|route| count(*route, Outcome::Better) > 0) {
                    left.retain(|route| count(*route, Outcome::Better) > 0);
                }
                left
            }
        }
    }

    /// The scenarios that show why routes are left out.
    fn reasons<'a>(self, left: &[Route], out: &[Route], cases: &[Found<'a>]) -> Vec<Reason<'a>> {
        match self {
            Self::Within(criterion, _) => {
                // The values are told even if all routes are within the bound.
                let reason = |(case, _): &Found<'a>| Reason { case: *case, criterion, worse: out.to_vec() };
                cases.first().map(reason).into_iter().collect()
            }
            Self::Least(_) => by_scenario(out.iter().filter_map(|route| clearest(*route, left, cases))),
        }
    }
}

/// The reasons, those from the same scenario as one.
fn by_scenario<'a>(found: impl Iterator<Item = Reason<'a>>) -> Vec<Reason<'a>> {
    let mut reasons: Vec<Reason<'a>> = Vec::new();
    for reason in found {
        match reasons.iter_mut().find(|other| std::ptr::eq(other.case.verdicts, reason.case.verdicts)) {
            Some(other) => other.worse.extend(reason.worse),
            None => reasons.push(reason),
        }
    }
    reasons
}

/// The scenario in which a route is worse than one of the others by the largest distance; one that measured all of them goes first.
fn clearest<'a>(route: Route, others: &[Route], cases: &[Found<'a>]) -> Option<Reason<'a>> {
    // The first of equally clear ones.
    let worse = cases.iter().rev().filter(|(_, verdict)| verdict.any(route, others, Outcome::Worse));
    let reason = |(case, verdict): &Found<'a>| {
        let is_whole = others.iter().all(|other| verdict.summaries.get(*other).is_some());
        (is_whole, Reason { case: *case, criterion: verdict.criterion, worse: vec![route] })
    };
    let by_clarity = |(is_whole, reason): &(bool, Reason<'_>), other: &(bool, Reason<'_>)| {
        is_whole.cmp(&other.0).then(reason.clarity().total_cmp(&other.1.clarity()))
    };
    worse.map(reason).max_by(by_clarity).map(|(_, reason)| reason)
}

impl Reason<'_> {
    /// The largest distance between the routes.
    fn clarity(&self) -> f64 {
        let Some(verdict) = self.case.verdict(self.criterion) else { return 0.0 };
        let to = |route: Route| Route::ALL.into_iter().map(move |other| distance(verdict, route, other));
        self.worse.iter().flat_map(|route| to(*route)).fold(0.0, f64::max)
    }
}
