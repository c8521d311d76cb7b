//! A scenario with its verdicts, as the choice looks at it.

use domain::Route;
use domain::guarantee::Guarantee;

use crate::judgement::{CriterionVerdict, Evidence, ScenarioVerdicts};
use crate::results::ScenarioResult;
use crate::{Criterion, Scenario, statistics};

/// A scenario with its verdicts.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub result: &'a ScenarioResult,
    pub verdicts: &'a ScenarioVerdicts,
}

impl<'a> Case<'a> {
    pub(super) fn scenario(&self) -> &'a Scenario {
        &self.result.scenario
    }

    /// The verdict on a criterion that was measured.
    pub(super) fn verdict(&self, criterion: Criterion) -> Option<&'a CriterionVerdict> {
        self.verdicts.criterion(criterion).filter(|verdict| !verdict.summaries.is_empty())
    }

    pub(super) fn evidence(&self, criterion: Criterion) -> Evidence {
        Evidence { scenario: self.verdicts.name.clone(), criterion }
    }

    /// Whether the scenario shows a criterion under the conditions for which one chooses: missed history under all; latencies
    /// and costs without faults and with one broker and consumer, costs of an event with many events; the others with the
    /// strongest guarantee and senders that try again, queues and unavailability also with one consumer and at most one fault,
    /// which for unavailability takes something away.
    pub(super) fn is_usual_for(&self, criterion: Criterion) -> bool {
        let Scenario { stack, load, .. } = self.scenario();
        let is_strict = stack.guarantee == Guarantee::EffectivelyOnce && load.retry;
        match criterion {
            Criterion::MissedHistory => true,
            Criterion::Unavailable => is_strict && stack.consumers == 1 && self.has_one_fault() && self.is_away(),
            Criterion::MostWaiting | Criterion::Recovery => is_strict && stack.consumers == 1 && self.has_one_fault(),
            Criterion::Lost | Criterion::Duplicated | Criterion::OutOfOrder => is_strict,
            Criterion::Cpu | Criterion::Disk => self.is_plain() && self.has_many_events(),
            _ => self.is_plain(),
        }
    }
}

/// So many events that the costs of an idle route do not matter.
const MANY_EVENTS: u64 = 1000;

impl Case<'_> {
    fn is_plain(&self) -> bool {
        let Scenario { faults, stack, .. } = &self.result.scenario;
        faults.is_empty() && stack.brokers == 1 && stack.consumers == 1
    }

    /// Whether the fault makes something unreachable, and not only slow.
    fn is_away(&self) -> bool {
        let mut faults = self.result.scenario.faults.iter();
        faults.all(|fault| matches!(&*fault.kind, "kill" | "pause" | "stop" | "cut" | "reset"))
    }

    fn has_one_fault(&self) -> bool {
        let faults = &self.result.scenario.faults;
        faults.len() <= 1 && faults.iter().all(|fault| fault.every.is_none())
    }

    fn has_many_events(&self) -> bool {
        self.result.runs.iter().any(|run| run.due >= MANY_EVENTS)
    }
}

/// How far apart the medians of two routes are, in widths of the band; negative if the first has the smaller one.
pub(super) fn distance(verdict: &CriterionVerdict, a: Route, b: Route) -> f64 {
    let median = |route| verdict.summaries.get(route).map_or(0.0, |summary| summary.median);
    let (a, b) = (median(a), median(b));
    let width = statistics::width(verdict.criterion, a.min(b));
    (a - b) / if width > 0.0 { width } else { 1.0 }
}
