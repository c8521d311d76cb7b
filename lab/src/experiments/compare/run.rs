//! One run: one scenario over one route alone, on a stack and a data directory of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::Route;
use domain::ledger::Balance;
use futures_util::future::try_join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use verdict::results::{Distribution, FaultMark, Run};
use verdict::{Criterion, Scenario, scenario};

use super::drain::{Drained, drain, until_shown};
use super::effects::Effects;
use super::faults::{self, Begun, Fault};
use super::histograms::{Durations, Histograms};
use super::numbers::Numbers;
use super::plan::{Plan, plan};
use super::processed;
use super::recorder::Recorder;
use super::second_reader::SecondReader;
use super::senders::Senders;
use super::usage::{self, Before, Used};
use super::validity::{self, Facts};
use super::warm_up::{leader, warm_up, wires};
use crate::experiments::wire::Wire;
use crate::run::stack::{Config, DatabaseKind, Stack};

/// Events before the load, so that the programs are warm.
const WARM_UP: u64 = 200;
/// The time from the start of the clock until the load begins.
const LEAD: Duration = Duration::from_millis(100);

/// A run with its histograms; without them if it did not come to an end.
pub(super) type Finished = (Run, Option<Histograms>);

/// Makes a run; none if it was stopped.
pub(super) async fn run(
    scenario: &Scenario,
    route: Route,
    repetition: u32,
    seed: u64,
    stop: &CancellationToken,
) -> Option<Finished> {
    let measured = measured(scenario, route, seed, stop).await.transpose()?;
    let (run, histograms) = match measured {
        Ok((run, histograms)) => (run, Some(histograms)),
        Err(error) => (void(route, format!("it did not come to an end: {error:#}")), None),
    };
    Some((Run { repetition, ..run }, histograms))
}

async fn measured(
    scenario: &Scenario,
    route: Route,
    seed: u64,
    stop: &CancellationToken,
) -> anyhow::Result<Option<(Run, Histograms)>> {
    let directory = tempfile::Builder::new().prefix("ese-compare-").tempdir()?;
    let began = Instant::now();
    let stack = Stack::start(config(scenario, route, directory.path())).await?;
    let bench = Bench { stack: &stack, scenario, route, directory: directory.path(), http: http()? };
    let measured = stop.run_until_cancelled(bench.run(began, seed)).await.transpose();
    stack.stop().await;
    measured
}

fn http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().build()
}

fn config(scenario: &Scenario, route: Route, directory: &Path) -> Config {
    let scenario::Stack { brokers, consumers, database, store_database, store_ttl_seconds, guarantee } = scenario.stack;
    let kind = |database| match database {
        scenario::Database::Sqlite => DatabaseKind::Sqlite,
        scenario::Database::Postgres => DatabaseKind::Postgres,
    };
    Config {
        // The HTTP routes need none.
        brokers: if route == Route::Kafka { brokers } else { 0 },
        consumers,
        database: kind(database),
        store_database: store_database.map(kind),
        store_ttl: Some(Duration::from_secs(store_ttl_seconds.into())),
        guarantee: guarantee.on_all_routes(),
        ..Config::new(directory)
    }
}

/// What a run works on.
struct Bench<'a> {
    stack: &'a Stack,
    scenario: &'a Scenario,
    route: Route,
    directory: &'a Path,
    http: reqwest::Client,
}

/// What is known at the end of a load.
struct Loaded {
    drained: Drained,
    marks: Vec<FaultMark>,
    missed_history: Option<f64>,
}

impl Bench<'_> {
    async fn run(&self, began: Instant, seed: u64) -> anyhow::Result<(Run, Histograms)> {
        let recorder = Arc::<Recorder>::default();
        // They end when the set is dropped.
        let mut followers = JoinSet::new();
        for &consumer in self.stack.consumer_addresses() {
            followers.spawn(processed::follow(consumer, self.http.clone(), recorder.clone()));
            followers.spawn(processed::follow_hops(consumer, self.http.clone(), recorder.clone()));
        }
        let wires = wires(&self.stack.address())?;
        warm_up(&wires, self.route, 1).await?;
        let startup = began.elapsed().as_secs_f64();

        let load = &self.scenario.load;
        let leader = leader(self.stack, &self.http).await?;
        let faults = faults::of_route(&self.scenario.faults, self.route, f64::from(load.seconds), &leader);
        for fault in &faults {
            fault.prepare(self.stack).await?;
        }
        warm_up(&wires, self.route, WARM_UP).await?;
        let mut before = 1 + WARM_UP;
        let plan = plan(load, seed);
        let senders = Arc::new(Senders::new(&self.stack.address(), self.route, load, recorder.clone())?);
        let mut early = self.begin(&faults, &senders, Fault::shrinks_group).await?;
        if !early.is_empty() {
            // The group must have noticed, on every partition.
            warm_up(&wires, self.route, WARM_UP).await?;
            before += WARM_UP;
        }
        early.extend(self.begin(&faults, &senders, |fault| !fault.shrinks_group()).await?);

        let usage = Before::look(self.stack, self.route, self.directory);
        let start = senders.clock().elapsed() + LEAD;
        let (loaded, used) = usage.until(self.load(&plan, &faults, &early, (&senders, start), &recorder, before)).await;
        let Loaded { drained, marks, missed_history } = loaded?;
        until_shown(&recorder, drained.balance.processed).await;
        let all_processed = drained.balance.processed == plan.slots.len() as u64;
        let effects = Effects { stack: self.stack, http: &self.http, route: self.route };
        let duplicated = effects.surplus(plan.alerts, all_processed).await?;
        drop(followers);

        recorder.complete(&drained.seen, senders.clock().now().micros());
        let record = std::mem::take(&mut *recorder.lock());
        let lagged = record.lagged;
        let numbers = Numbers::new(record, senders.clock().after(start).micros(), f64::from(load.seconds));
        let histograms = Histograms {
            accepted: numbers.until_accepted()?,
            processed: numbers.until_processed()?,
            lateness: Durations::new(senders.lateness())?,
        };
        let balance = drained.balance;
        let (late_ms, due) = (histograms.lateness.at(99.0).unwrap_or_default(), numbers.due());
        let void = validity::reasons(Facts { late_ms, busy_elsewhere: used.busy_elsewhere, balance, due, lagged });
        let mut values = values(&numbers, &histograms, balance, &used);
        values.extend([
            (Criterion::Duplicated, duplicated as f64),
            (Criterion::Parts, usage::parts(self.stack, self.route).len() as f64),
            (Criterion::Startup, startup),
        ]);
        values.extend(missed_history.map(|missed| (Criterion::MissedHistory, missed)));
        let ended = marks.iter().map(|mark| mark.ended).reduce(f64::max);
        values.extend(ended.map(|ended| (Criterion::Recovery, numbers.recovery(ended))));
        let run = Run {
            route: self.route,
            repetition: 0,
            void,
            values,
            due,
            ledger: balance,
            accepted: histograms.accepted.distribution(),
            processed: histograms.processed.distribution(),
            lateness: histograms.lateness.distribution(),
            hops: numbers.hops()?,
            refusals: numbers.refusals(),
            timeline: numbers.timeline(),
            faults: marks,
            parts: used.parts,
            busy_elsewhere: used.busy_elsewhere,
        };
        Ok((run, histograms))
    }

    /// Starts those faults that are in effect before the load begins; returns them by their places.
    async fn begin(
        &self,
        faults: &[Fault],
        senders: &Senders,
        wanted: impl Fn(&Fault) -> bool,
    ) -> anyhow::Result<BTreeMap<usize, Begun>> {
        let mut begun = BTreeMap::new();
        for (place, fault) in faults.iter().enumerate() {
            if fault.is_early() && wanted(fault) {
                begun.insert(place, fault.begin(self.stack, &senders.online).await?);
            }
        }
        Ok(begun)
    }

    /// The load with its faults, until the route is empty. `before` are the events of the warm-up.
    async fn load(
        &self,
        plan: &Plan,
        faults: &[Fault],
        early: &BTreeMap<usize, Begun>,
        (senders, start): (&Arc<Senders>, Duration),
        recorder: &Recorder,
        before: u64,
    ) -> anyhow::Result<Loaded> {
        let (began, load) = (senders.clock().instant_after(start), &self.scenario.load);
        // A task of its own is not delayed by the others here.
        let mut sending = JoinSet::new();
        let (own, slots, bytes) = (senders.clone(), plan.slots.clone(), load.event_bytes);
        sending.spawn(async move { own.run(&slots, bytes, start).await });
        let sent = async { sending.join_next().await.context("the generator did not run")?? };
        let follow = |(place, fault): (usize, &'_ Fault)| {
            let (online, early) = (senders.online.clone(), early.get(&place).copied());
            let fault = fault.clone();
            async move { fault.follow(self.stack, &online, began, early).await }
        };
        let marks = try_join_all(faults.iter().enumerate().map(follow));
        let reader =
            SecondReader::start(self.stack, self.scenario.second_reader.as_ref().map(|reader| reader.at), began);
        let ((), marks, reader) = tokio::try_join!(sent, marks, reader)?;

        let wire = Wire::new(&self.stack.address(), None)?;
        let (sessions, due) = (senders.sessions(), plan.slots.len() as u64);
        let mut drained = drain(&wire, &sessions, self.route, [due, before, senders.given_up()]).await?;
        if senders.given_up() > 0 {
            senders.drop_given_up(&drained.seen).await;
            drained = drain(&wire, &sessions, self.route, [due, before, senders.given_up()]).await?;
        }
        let missed_history = match reader {
            Some(reader) => {
                let began = senders.clock().after(start).micros() + reader.began();
                Some(reader.end(self.route, &recorder.due_before(began)).await?)
            }
            None => None,
        };
        Ok(Loaded { drained, marks: marks.concat(), missed_history })
    }
}

/// The criteria that follow from the events and from the use of the machine.
fn values(numbers: &Numbers, histograms: &Histograms, balance: Balance, used: &Used) -> BTreeMap<Criterion, f64> {
    let due = numbers.due();
    let each = 1.0 / due.max(1) as f64;
    let mut values = BTreeMap::from([
        (Criterion::Unavailable, numbers.unavailable()),
        (Criterion::Lost, due.saturating_sub(balance.processed) as f64),
        (Criterion::OutOfOrder, balance.reordered as f64),
        (Criterion::MostWaiting, numbers.most_waiting() as f64),
        (Criterion::Cpu, 1000.0 * used.cpu_seconds * each),
        (Criterion::Memory, used.memory_mib),
        (Criterion::Disk, used.disk_bytes * each),
    ]);
    let latencies = [
        (Criterion::AcceptedP50, &histograms.accepted, 50.0),
        (Criterion::AcceptedP99, &histograms.accepted, 99.0),
        (Criterion::ProcessedP50, &histograms.processed, 50.0),
        (Criterion::ProcessedP99, &histograms.processed, 99.0),
    ];
    let latencies = latencies.into_iter().filter_map(|(criterion, durations, at)| Some((criterion, durations.at(at)?)));
    values.extend(latencies);
    values
}

/// A run that did not come to an end.
fn void(route: Route, reason: String) -> Run {
    Run {
        route,
        repetition: 0,
        void: vec![reason],
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
