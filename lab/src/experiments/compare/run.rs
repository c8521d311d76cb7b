//! One run: one scenario over one route alone, on a stack and a data directory of its own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use domain::{Route, Timestamp};
use runtime::injected_bug::InjectedBug;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use verdict::results::Run;
use verdict::{Criterion, Scenario, scenario};

use super::drain::until_shown;
use super::effects;
use super::faults::{self, Fault, Marks};
use super::histograms::Histograms;
use super::load::{Load, Loaded};
use super::own_brokers::{self, OwnBrokers};
use super::plan::plan;
use super::processed;
use super::recorder::Recorder;
use super::result::{self, Measured};
use super::senders::Senders;
use super::usage::{self, Before};
use super::visitor::Place;
use super::warm_up::{FIRST_LOST_AFTER, LOST_AFTER, leader, warm_up, wires};
use super::watch::{Watch, Watched};
use crate::experiments::wire::Wire;
use crate::run::stack::{Config, DatabaseKind, Stack};
use crate::terminal;

/// Events before the load, so that the programs are warm.
const WARM_UP: u64 = 200;
/// The time from the start of the clock until the load begins.
const LEAD: Duration = Duration::from_millis(100);

/// A run with its histograms; without them if it did not come to an end.
pub(super) type Finished = (Run, Option<Histograms>);

/// A run to make.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) route: Route,
    pub(super) repetition: u32,
    /// The seed of its load.
    pub(super) seed: u64,
    /// A deliberate bug in all services.
    pub(super) injected_bug: Option<InjectedBug>,
    /// Brokers that run elsewhere, for the route kafka.
    pub(super) own: Option<&'a OwnBrokers>,
}

/// Makes a run; none if it was stopped.
pub(super) async fn run(order: &Order<'_>, watch: &Watch, stop: &CancellationToken) -> Option<Finished> {
    let (run, histograms) = match on_own_stack(order, watch, stop).await.transpose()? {
        Ok((run, histograms)) => (run, Some(histograms)),
        Err(error) => {
            let void = vec![format!("it did not come to an end: {error:#}")];
            (Run { void, ..Run::new(order.route, 1) }, None)
        }
    };
    Some((Run { repetition: order.repetition, ..run }, histograms))
}

async fn on_own_stack(
    order: &Order<'_>,
    watch: &Watch,
    stop: &CancellationToken,
) -> anyhow::Result<Option<(Run, Histograms)>> {
    let Order { scenario, route, seed, .. } = *order;
    let directory = tempfile::Builder::new().prefix("ese-compare-").tempdir()?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut config = config(order, directory.path());
    let own = order.own.filter(|_| route == Route::Kafka);
    if let Some(own) = own {
        (config.broker, config.kafka) = own.of_run();
    }
    let clients = config.kafka.clone();
    let stack = Stack::prepare(config).await?;
    let bench = Bench { stack: &stack, scenario, route, directory: directory.path(), http };
    let measured = async {
        stack.bring_up().await?;
        bench.run(seed, watch).await
    };
    let mut measured = stop.run_until_cancelled(measured).await.transpose();
    stack.stop().await;
    if let Some(own) = own
        && let Err(error) = own.remove(&clients).await
    {
        terminal::err(&format!("The topics {}… are left: {error:#}", clients.group_prefix));
    }
    if let (Some(_), Ok(Some((run, _)))) = (own, &mut measured) {
        own_brokers::correct(run);
    }
    measured
}

fn config(order: &Order<'_>, directory: &Path) -> Config {
    let Order { scenario, route, injected_bug, .. } = *order;
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
        injected_bug,
        ..Config::new(directory)
    }
}

/// The surroundings of a run.
struct Bench<'a> {
    stack: &'a Stack,
    scenario: &'a Scenario,
    route: Route,
    directory: &'a Path,
    http: reqwest::Client,
}

impl Bench<'_> {
    /// Makes the run on the stack, which has just come up.
    async fn run(&self, seed: u64, watch: &Watch) -> anyhow::Result<(Run, Histograms)> {
        let Self { stack, scenario, route, .. } = *self;
        let (recorder, marks, seconds) =
            (Arc::<Recorder>::default(), Arc::<Marks>::default(), f64::from(scenario.load.seconds));
        // They end when the set is dropped.
        let mut followers = JoinSet::new();
        for &consumer in stack.consumer_addresses() {
            followers.spawn(processed::follow(consumer, self.http.clone(), recorder.clone()));
            followers.spawn(processed::follow_hops(Wire::new(&format!("http://{consumer}"), None)?, recorder.clone()));
        }
        let wires = wires(&stack.address())?;
        warm_up(&wires, route, 1, FIRST_LOST_AFTER).await?;
        let startup = self.startup(runtime::clock::now()).await.context("no part was started")?;

        let leader = leader(stack, &wires[0]).await?;
        let faults = faults::of_route(&scenario.faults, route, seconds, &leader, seed);
        for fault in &faults {
            fault.prepare(stack).await?;
        }
        warm_up(&wires, route, WARM_UP, LOST_AFTER).await?;
        let plan = plan(&scenario.load, seed);
        let senders = &Arc::new(Senders::new(&stack.address(), route, &scenario.load, recorder.clone())?);
        let reader = OnceLock::new();
        let (plan, faults, reader) = (&plan, &faults, &reader);
        let load = Load { stack, scenario, route, plan, faults, senders, recorder: &recorder, marks: &marks, reader };
        let mut early = load.begin(Fault::shrinks_group).await?;
        if !early.is_empty() {
            // The group must have noticed, on every partition.
            warm_up(&wires, route, WARM_UP, LOST_AFTER).await?;
        }
        let before = wires[0].ledger_sum(route).await?.processed;
        early.extend(load.begin(|fault| !fault.shrinks_group()).await?);

        let usage = Before::look(stack, reader, route, self.directory);
        let (clock, start) = (senders.clock, senders.clock.elapsed() + LEAD);
        let place = Place {
            target: stack.address(),
            consumers: stack.consumer_addresses().to_vec(),
            route,
            clock,
            http: self.http.clone(),
            online: senders.online.clone(),
        };
        watch.begin(Watched {
            recorder: recorder.clone(),
            marks: marks.clone(),
            clock,
            start,
            seconds,
            place: Some(place),
        });
        let (end, mut shown) = (start + Duration::from_secs_f64(seconds), 0);
        let is_active = || clock.elapsed() < end || std::mem::replace(&mut shown, recorder.processed()) != shown;
        let (loaded, used) = usage.until(load.run(start, &early, before), is_active).await;
        watch.end();
        let Loaded { drained, missed_history } = loaded?;
        until_shown(&recorder, drained.balance.processed).await;
        let seen: HashMap<_, _> = drained.seen.iter().map(|(session, seen)| (*session, seen)).collect();
        let sessions = senders.sessions();
        let alerts =
            plan.alerts(|client, number| seen.get(&sessions[client]).is_some_and(|seen| seen.contains(number)));
        let effects = effects::count(&wires[0], route, alerts).await?;
        drop(followers);

        recorder.complete(&drained.seen, drained.changed.micros(), route);
        let mut extra = vec![
            (Criterion::Duplicated, effects.surplus as f64),
            (Criterion::Parts, usage::parts(stack, route).len() as f64),
            (Criterion::Startup, startup),
        ];
        extra.extend(missed_history.map(|missed| (Criterion::MissedHistory, missed)));
        let (balance, faults) = (drained.balance, marks.until(f64::MAX));
        let record = recorder.lock().clone();
        let began = clock.after(start).micros();
        result::run(Measured {
            route,
            record,
            began,
            seconds,
            lateness: senders.lateness(),
            balance,
            missing_effects: effects.missing,
            used,
            faults,
            extra,
        })
    }

    /// From the start of the first process until `now`, in seconds.
    async fn startup(&self, now: Timestamp) -> Option<f64> {
        let first = self.stack.parts().view().await.into_iter().filter_map(|part| part.since).min();
        first.map(|first| now.millis_since(first) / 1000.0)
    }
}
