//! A comparison under way: its runs one after the other, and its results so far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use verdict::Scenario;
use verdict::api::Running;
use verdict::results::{self, Results, Run, ScenarioResult};

use super::machine;
use super::run::{self, Watch};
use super::schedule::{Planned, schedule};

/// The time of a run beside its load, in seconds, as long as that is not known.
const OVERHEAD: f64 = 6.0;

/// A comparison.
pub(super) struct Comparison {
    /// The name of the only scenario, if it was started by its name.
    name: Option<String>,
    plan: Vec<Planned>,
    state: Mutex<State>,
    stopped: AtomicBool,
}

struct State {
    results: Results,
    /// When the first run began.
    began: Option<Instant>,
    /// How many runs have ended.
    done: usize,
    /// Their times by the schedule, in seconds.
    seconds_done: f64,
    /// The present run.
    now: Option<(Planned, Arc<Watch>)>,
}

impl Comparison {
    /// All runs of these scenarios; none is made yet.
    pub(super) fn new(scenarios: Vec<Scenario>, repetitions: u32, seed: u64, command: String) -> Self {
        let name = if let [alone] = &scenarios[..] { Some(alone.name.clone()) } else { None };
        let plan = schedule(scenarios.len(), repetitions, seed);
        let results = Results {
            version: results::VERSION,
            began: runtime::clock::now().to_string(),
            command,
            seed,
            repetitions,
            stopped: false,
            machine: machine::machine(),
            versions: machine::versions(),
            scenarios: scenarios.into_iter().map(|scenario| ScenarioResult { scenario, runs: Vec::new() }).collect(),
        };
        let state = State { results, began: None, done: 0, seconds_done: 0.0, now: None };
        Self { name, plan, state: Mutex::new(state), stopped: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes all runs, or those until `stop`; a void run is repeated once. `show` gets a line for each run.
    pub(super) async fn run(&self, stop: &CancellationToken, show: impl Fn(&str)) {
        self.lock().began = Some(Instant::now());
        for (index, planned) in self.plan.iter().enumerate() {
            let (scenario, seed) = {
                let results = &self.lock().results;
                (results.scenarios[planned.scenario].scenario.clone(), results.seed)
            };
            let Planned { route, repetition, .. } = planned;
            let place = format!("{}/{}", index + 1, self.plan.len());
            let what = format!("{place}  {} over {route}, repetition {repetition}", scenario.name);
            show(&format!("{what}; {} to go", minutes(self.left())));
            let seed = seed ^ (u64::from(*repetition) << 32) ^ planned.scenario as u64;
            let Some(mut run) = self.one(&scenario, *planned, seed, stop).await else { break };
            if !run.void.is_empty() {
                show(&format!("{what} is void: {}; once more", run.void.join("; ")));
                let Some(again) = self.one(&scenario, *planned, seed, stop).await else { break };
                run = again;
            }
            let mut state = self.lock();
            state.results.scenarios[planned.scenario].runs.push(run);
            state.seconds_done += seconds(&scenario);
            state.done += 1;
        }
        self.stopped.store(stop.is_cancelled(), Ordering::Relaxed);
    }

    /// One run; none if it was stopped.
    async fn one(&self, scenario: &Scenario, planned: Planned, seed: u64, stop: &CancellationToken) -> Option<Run> {
        let watch = Arc::<Watch>::default();
        self.lock().now = Some((planned, watch.clone()));
        let Planned { route, repetition, .. } = planned;
        let made = run::run(scenario, route, repetition, seed, &watch, stop).await;
        self.lock().now = None;
        made.unwrap_or_else(|error| Some(run::failed(route, repetition, format!("it did not come to an end: {error:#}"))))
    }

    /// The estimate of the time to go, from the pace so far.
    fn left(&self) -> Duration {
        let state = self.lock();
        let of_run = |planned: &Planned| seconds(&state.results.scenarios[planned.scenario].scenario);
        let all: f64 = self.plan.iter().map(of_run).sum();
        let elapsed = state.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        let pace = if state.done > 0 { elapsed / state.seconds_done } else { 1.0 };
        Duration::from_secs_f64((pace * all - elapsed).max(0.0))
    }

    /// The results so far.
    pub(super) fn results(&self) -> Results {
        Results { stopped: self.stopped.load(Ordering::Relaxed), ..self.lock().results.clone() }
    }

    /// The state for a page.
    pub(super) fn running(&self) -> Running {
        let seconds_left = self.left().as_secs_f64();
        let state = self.lock();
        let now = state.now.as_ref().map(|(planned, watch)| {
            let mut now = state.results.scenarios[planned.scenario].clone();
            now.runs.push(watch.so_far(planned.route, planned.repetition));
            now
        });
        let count = |runs: usize| u32::try_from(runs).unwrap_or(u32::MAX);
        Running {
            scenario: self.name.clone(),
            done: count(state.done),
            of: count(self.plan.len()),
            seconds_left,
            now,
        }
    }
}

fn seconds(scenario: &Scenario) -> f64 {
    f64::from(scenario.load.seconds) + OVERHEAD
}

fn minutes(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
