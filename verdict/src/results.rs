//! Everything that a comparison measured: the content of `results.json`.

use std::collections::BTreeMap;

use domain::Route;
use domain::ledger::Balance;
use serde::{Deserialize, Serialize};

use crate::{Criterion, Scenario};

/// The version of this format.
pub const VERSION: u32 = 1;

/// The quantiles of [`Distribution::quantiles`], in percent.
pub const QUANTILES: [f64; 13] = [0.0, 1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0];

/// A comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Results {
    /// [`VERSION`].
    pub version: u32,
    /// The start, as RFC 3339 in UTC.
    pub began: String,
    /// The command line that repeats it.
    pub command: String,
    /// The seed of the order of runs and of every plan.
    pub seed: u64,
    /// How many repetitions were asked for.
    pub repetitions: u32,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// The machine.
    pub machine: Machine,
    /// The versions of all programs, by their names.
    pub versions: BTreeMap<String, String>,
    /// Where the brokers of kafka ran elsewhere: what that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_brokers: Option<OwnBrokers>,
    /// The scenarios, in the order of the list.
    pub scenarios: Vec<ScenarioResult>,
}

/// A comparison whose Kafka brokers ran elsewhere. Their processor time, memory, disk and start are not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OwnBrokers {
    /// The scenarios that such brokers cannot run.
    pub left_out: Vec<LeftOut>,
}

/// A scenario that was asked for and not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// Its name.
    pub scenario: String,
    /// The reason, as a clause.
    pub why: String,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many processors the system shows.
    pub cores: u32,
    /// Memory, in MiB.
    pub memory_mib: u64,
    /// The operating system and its kernel.
    pub system: String,
}

/// A scenario with its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScenarioResult {
    /// The scenario, as it was run.
    pub scenario: Scenario,
    /// Its runs, in the order in which they were made.
    pub runs: Vec<Run>,
}

/// A run: one scenario over one route alone, on a fresh state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Run {
    /// The route.
    pub route: Route,
    /// The repetition, from 1.
    pub repetition: u32,
    /// The reasons why this run decides nothing; a valid run has none.
    pub void: Vec<String>,
    /// The measured numbers, each in the unit of its criterion; a criterion that this run does not measure is left out.
    pub values: BTreeMap<Criterion, f64>,
    /// Events that were due.
    pub due: u64,
    /// The sum of the ledger's balances at the end.
    pub ledger: Balance,
    /// The sender's wait, from due until accepted.
    pub accepted: Distribution,
    /// From due until processed.
    pub processed: Distribution,
    /// How late the generator was.
    pub lateness: Distribution,
    /// The medians of the way's hops, in milliseconds, in the order of the way.
    pub hops: Vec<Hop>,
    /// The refusals that senders got, by status or reason.
    pub refusals: BTreeMap<String, u64>,
    /// One entry for each second since the load began, until the route was drained.
    pub timeline: Vec<Second>,
    /// The faults, as they came.
    pub faults: Vec<FaultMark>,
    /// The CPU time of each part, in seconds; and its most resident memory, in MiB.
    pub parts: BTreeMap<String, PartUse>,
    /// The share of the processors' time that neither the parts nor the generator used, from 0 to 1.
    pub busy_elsewhere: f64,
}

impl Run {
    /// A run of which nothing is known yet.
    pub fn new(route: Route, repetition: u32) -> Self {
        Self {
            route,
            repetition,
            void: Vec::new(),
            values: BTreeMap::new(),
            due: 0,
            ledger: Balance::default(),
            accepted: Distribution::default(),
            processed: Distribution::default(),
            lateness: Distribution::default(),
            hops: Vec::new(),
            refusals: BTreeMap::new(),
            timeline: Vec::new(),
            faults: Vec::new(),
            parts: BTreeMap::new(),
            busy_elsewhere: 0.0,
        }
    }
}

/// A distribution of durations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Distribution {
    /// How many durations.
    pub count: u64,
    /// The durations at [`QUANTILES`], in milliseconds; empty if there are none.
    pub quantiles: Vec<f64>,
}

/// A part of an event's way between two moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Hop {
    /// Its name.
    pub name: String,
    /// The median, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
}

/// One second of a run; counts are events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Second {
    /// Became due.
    pub due: u64,
    /// Were accepted.
    pub accepted: u64,
    /// Refusals or failed requests.
    pub refused: u64,
    /// Were processed.
    pub processed: u64,
    /// Due and not processed, at the end of the second.
    pub waiting: u64,
    /// The share of the second in which a sender was not accepted within a second, from 0 to 1.
    pub unavailable: f64,
}

/// A fault of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FaultMark {
    /// The kind.
    pub kind: String,
    /// The part or connection.
    pub part: String,
    /// Its start, in seconds since the load began.
    pub began: f64,
    /// Its end, in seconds since the load began.
    pub ended: f64,
}

/// The consumption of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PartUse {
    /// CPU time, in seconds.
    pub cpu_seconds: f64,
    /// The most resident memory, in MiB.
    pub memory_mib: f64,
}
