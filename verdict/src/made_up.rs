//! Made-up results for the tests of the judge: each test says what it needs, the rest is empty.

use std::collections::BTreeMap;

use domain::Route;
use domain::ledger::Balance;

use crate::Criterion;
use crate::results::{Machine, Results, Run, ScenarioResult, VERSION};
use crate::scenario::{Load, Scenario, Stack, TimedFault};

/// The values of each run of a route, for a criterion.
pub(crate) type Values<'a> = (Route, Criterion, &'a [f64]);

pub(crate) fn scenario(name: &str) -> Scenario {
    Scenario {
        name: name.to_owned(),
        question: String::new(),
        lesson: String::new(),
        load: Load::default(),
        stack: Stack::default(),
        faults: Vec::new(),
        second_reader: None,
        predict: BTreeMap::new(),
    }
}

pub(crate) fn fault(kind: &str, part: &str, at: f64, lasts: f64) -> TimedFault {
    TimedFault {
        at,
        lasts: Some(lasts),
        kind: kind.to_owned(),
        part: part.to_owned(),
        every: None,
        parameters: BTreeMap::new(),
        routes: Vec::new(),
    }
}

pub(crate) fn run(route: Route, repetition: u32, values: &[(Criterion, f64)]) -> Run {
    Run {
        values: values.iter().copied().collect(),
        due: 1000,
        ledger: Balance { emitted: 1000, processed: 1000, ..Balance::default() },
        ..Run::new(route, repetition)
    }
}

/// A scenario with the runs that have these values.
pub(crate) fn result(scenario: Scenario, values: &[Values<'_>]) -> ScenarioResult {
    let mut runs: BTreeMap<(u32, Route), Run> = BTreeMap::new();
    for (route, criterion, values) in values {
        for (repetition, value) in (1..).zip(*values) {
            let run = runs.entry((repetition, *route)).or_insert_with(|| run(*route, repetition, &[]));
            run.values.insert(*criterion, *value);
        }
    }
    ScenarioResult { scenario, runs: runs.into_values().collect() }
}

pub(crate) fn results(scenarios: Vec<ScenarioResult>) -> Results {
    Results {
        version: VERSION,
        began: String::new(),
        command: String::new(),
        seed: 1,
        repetitions: 5,
        stopped: false,
        own_brokers: None,
        machine: Machine::default(),
        versions: BTreeMap::new(),
        scenarios,
    }
}

/// Five values around this one.
pub(crate) fn about(value: f64) -> [f64; 5] {
    [0.97, 0.99, 1.0, 1.01, 1.03].map(|factor| value * factor)
}
