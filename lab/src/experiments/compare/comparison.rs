//! A comparison under way: its runs one after the other, and its results so far.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::Route;
use tokio_util::sync::CancellationToken;
use verdict::Scenario;
use verdict::api::{Running, to_go};
use verdict::results::{self, Machine, Results, Run, ScenarioResult};

use super::histograms::Histograms;
use super::own_brokers::{self, OwnBrokers};
use super::run::{self, Order};
use super::schedule::{Planned, schedule};
use super::watch::Watch;
use crate::experiments::machine;

pub(super) struct Comparison {
    /// The name of the only scenario, if it was started by its name.
    name: Option<String>,
    plan: Vec<Planned>,
    /// Brokers that run elsewhere.
    own: Option<OwnBrokers>,
    /// How many runs of the plan were made before.
    before: usize,
    state: Mutex<State>,
}

struct State {
    results: Results,
    /// When the first run began.
    began: Option<Instant>,
    /// How many runs have ended.
    done: usize,
    /// The present run.
    now: Option<(Planned, Arc<Watch>)>,
}

/// A run that has ended.
pub(super) struct Ended<'a> {
    /// The run in words.
    pub(super) what: &'a str,
    pub(super) scenario: &'a str,
    pub(super) run: &'a Run,
    /// None if it did not come to an end.
    pub(super) histograms: Option<&'a Histograms>,
    /// Whether it is made again.
    pub(super) again: bool,
}

impl Comparison {
    /// All runs of these scenarios; none is made yet.
    pub(super) fn new(
        scenarios: Vec<Scenario>,
        repetitions: u32,
        seed: u64,
        command: String,
        own: Option<OwnBrokers>,
    ) -> Self {
        let (scenarios, own_brokers) = match &own {
            None => (scenarios, None),
            Some(_) => {
                let (scenarios, left_out) = own_brokers::split(scenarios);
                (scenarios, Some(results::OwnBrokers { left_out }))
            }
        };
        let results = Results {
            version: results::VERSION,
            began: runtime::clock::now().to_string(),
            command,
            seed,
            repetitions,
            stopped: true,
            machine: Machine::default(),
            versions: [].into(),
            own_brokers,
            scenarios: scenarios.into_iter().map(|scenario| ScenarioResult { scenario, runs: Vec::new() }).collect(),
        };
        Self::resumed(results, own)
    }

    /// Those runs that these results do not have yet.
    pub(super) fn resumed(results: Results, own: Option<OwnBrokers>) -> Self {
        let name = if let [alone] = &results.scenarios[..] { Some(alone.scenario.name.clone()) } else { None };
        let plan = schedule(results.scenarios.len(), results.repetitions, results.seed);
        let (mut plan, to_do): (Vec<_>, Vec<_>) = plan.into_iter().partition(|planned| is_made(&results, planned));
        let before = plan.len();
        plan.extend(to_do);
        let state = State { results, began: None, done: before, now: None };
        Self { name, plan, own, before, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the runs to do, or those until `stop`; a void run is made again, once. `ended` gets each run.
    pub(super) async fn run(&self, stop: &CancellationToken, ended: impl Fn(Ended<'_>)) {
        // Both read files, and the versions need programs.
        let described = tokio::task::spawn_blocking(|| (machine::machine(), machine::versions())).await;
        {
            let mut state = self.lock();
            (state.results.machine, state.results.versions) = described.unwrap_or_default();
            if self.own.is_some() {
                // Those that are installed here are others.
                let elsewhere = ("Kafka".to_owned(), "brokers that run elsewhere".to_owned());
                state.results.versions.retain(|name, _| name != "Apache Kafka" && name != "Java");
                state.results.versions.extend([elsewhere]);
            }
            state.began = Some(Instant::now());
        }
        for (index, planned) in self.plan.iter().enumerate().skip(self.before) {
            let what = self.what(index, planned);
            let was_void = self.lock().results.scenarios[planned.scenario].runs.iter().any(|run| is_of(run, planned));
            for last in if was_void { &[true][..] } else { &[false, true] } {
                let Some((scenario, (run, histograms))) = self.one(planned, stop).await else {
                    return;
                };
                let (again, histograms) = (!*last && !run.void.is_empty(), histograms.as_ref());
                {
                    let mut state = self.lock();
                    state.results.scenarios[planned.scenario].runs.push(run.clone());
                    state.done += usize::from(!again);
                    state.results.stopped = state.done < self.plan.len();
                }
                ended(Ended { what: &what, scenario: &scenario, run: &run, histograms, again });
                if !again {
                    break;
                }
            }
        }
    }

    /// One run, with the name of its scenario; none if it was stopped.
    async fn one(&self, planned: &Planned, stop: &CancellationToken) -> Option<(String, run::Finished)> {
        if stop.is_cancelled() {
            return None;
        }
        let watch = Arc::<Watch>::default();
        let (scenario, seed) = {
            let mut state = self.lock();
            state.now = Some((*planned, watch.clone()));
            (state.results.scenarios[planned.scenario].scenario.clone(), state.results.seed)
        };
        let Planned { route, repetition, .. } = *planned;
        let seed = seed_of(seed, planned);
        let order = Order { scenario: &scenario, route, repetition, seed, injected_bug: None, own: self.own.as_ref() };
        let made = run::run(&order, &watch, stop).await;
        self.lock().now = None;
        Some((scenario.name, made?))
    }

    fn what(&self, index: usize, planned: &Planned) -> String {
        let name = &self.lock().results.scenarios[planned.scenario].scenario.name;
        let Planned { route, repetition, .. } = planned;
        format!("{}/{} {name} over {route}, repetition {repetition}", index + 1, self.plan.len())
    }

    /// The present run and the time to go, for people.
    pub(super) fn progress(&self) -> String {
        let done = self.lock().done;
        let what = self.plan.get(done).map(|planned| self.what(done, planned));
        format!("{}; {}", what.unwrap_or_default(), to_go(self.left().as_secs_f64()))
    }

    /// The estimate of the time to go, from the pace so far.
    fn left(&self) -> Duration {
        let state = self.lock();
        let seconds = |planned: &Planned| {
            f64::from(state.results.scenarios[planned.scenario].scenario.load.seconds) + overhead(planned.route)
        };
        let (done, to_do) = (&self.plan[self.before..state.done], &self.plan[state.done..]);
        let elapsed = state.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        left(done.iter().map(seconds).sum(), to_do.iter().map(seconds).sum(), elapsed)
    }

    /// Sends a click of a visitor in the present run; false if there is none that takes it.
    pub(super) fn click(&self) -> anyhow::Result<bool> {
        let watch = self.lock().now.as_ref().map(|(_, watch)| watch.clone());
        watch.map_or(Ok(false), |watch| watch.click())
    }

    pub(super) fn results(&self) -> Results {
        self.lock().results.clone()
    }

    /// The state for a page.
    pub(super) fn running(&self) -> Running {
        let seconds_left = self.left().as_secs_f64();
        let (done, now) = {
            let state = self.lock();
            let now = state
                .now
                .as_ref()
                .map(|(planned, watch)| (*planned, watch.clone(), state.results.scenarios[planned.scenario].clone()));
            (state.done, now)
        };
        let clicks = now.as_ref().map(|(_, watch, _)| watch.clicks()).unwrap_or_default();
        let now = now.map(|(planned, watch, mut now)| {
            now.runs.push(watch.so_far(planned.route, planned.repetition));
            now
        });
        let count = |runs: usize| u32::try_from(runs).unwrap_or(u32::MAX);
        let (done, of) = (count(done), count(self.plan.len()));
        Running { scenario: self.name.clone(), done, of, seconds_left, now, clicks }
    }
}

/// Whether there is a valid run, or a second void one.
fn is_made(results: &Results, planned: &Planned) -> bool {
    let own: Vec<_> = results.scenarios[planned.scenario].runs.iter().filter(|run| is_of(run, planned)).collect();
    own.len() > 1 || own.iter().any(|run| run.void.is_empty())
}

fn is_of(run: &Run, planned: &Planned) -> bool {
    (run.route, run.repetition) == (planned.route, planned.repetition)
}

/// The seed of a run's load: the same for all routes.
fn seed_of(seed: u64, planned: &Planned) -> u64 {
    seed ^ (u64::from(planned.repetition) << 32) ^ planned.scenario as u64
}

/// The time of a run beside its load, in seconds, as long as none has been made: start, warm-up, drain and stop.
const fn overhead(route: Route) -> f64 {
    match route {
        Route::HttpPush | Route::HttpPoll => 3.0,
        Route::Kafka => 9.0,
    }
}

/// The time to go for runs that take `to_do` seconds as expected, after those of `done` seconds took `elapsed`. The present
/// run is one of them.
fn left(done: f64, to_do: f64, elapsed: f64) -> Duration {
    // The present run would spoil the pace of the first.
    let pace = if done > 0.0 { (elapsed / done).clamp(0.5, 4.0) } else { 1.0 };
    Duration::from_secs_f64((pace * (done + to_do) - elapsed).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_go_follows_the_pace_so_far() {
        assert_eq!(left(0.0, 90.0, 4.0), Duration::from_secs(86), "as expected, as long as no run has ended");
        assert_eq!(left(30.0, 60.0, 45.0), Duration::from_secs(90), "half as slow again");
        assert_eq!(left(80.0, 10.0, 200.0), Duration::from_secs(25));
    }

    #[test]
    fn a_stopped_comparison_goes_on_with_the_runs_that_it_lacks() {
        let all = Comparison::new(verdict::builtin_scenarios::quick(), 2, 7, String::new(), None);
        let mut results = all.results();
        assert!(results.stopped && results.scenarios.len() == 5);
        for (planned, void) in all.plan.iter().zip([0, 1, 2]) {
            let runs = &mut results.scenarios[planned.scenario].runs;
            let run = Run::new(planned.route, planned.repetition);
            runs.extend((0..void).map(|_| Run { void: vec!["late".to_owned()], ..run.clone() }));
            runs.extend((void == 0).then_some(run));
        }
        let resumed = Comparison::resumed(results, None);
        assert_eq!(resumed.plan.len(), 30);
        assert_eq!(&resumed.plan[..resumed.before], [all.plan[0], all.plan[2]], "valid, and void twice");
        assert_eq!(resumed.plan[2], all.plan[1], "the order stays");
    }

    #[test]
    fn the_routes_of_a_repetition_have_the_same_load() {
        let seed = |scenario, route, repetition| seed_of(7, &Planned { scenario, route, repetition });
        assert_eq!(seed(2, Route::HttpPush, 1), seed(2, Route::Kafka, 1));
        assert_ne!(seed(2, Route::HttpPush, 1), seed(2, Route::HttpPush, 2));
        assert_ne!(seed(2, Route::HttpPush, 1), seed(3, Route::HttpPush, 1));
    }
}
