//! One run: one scenario over one route alone, on a stack and a data directory of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::api::{InboxMail, Outcome, UseCaseView};
use domain::ledger::Balance;
use domain::{Event, Kind, Route, RouteChoice, SessionId, Source};
use futures_util::future::try_join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use verdict::results::{FaultMark, Run};
use verdict::{Criterion, Scenario, scenario};

use super::faults::{self, Fault};
use super::numbers::{Numbers, distribution};
use super::plan::plan;
use super::recorder::Recorder;
use super::senders::Senders;
use super::usage::{self, Sampler};
use super::{drain, processed};
use crate::experiments::wire::Wire;
use crate::run::stack::{Config, DatabaseKind, Stack};

/// Events before the load, so that connections are open and the programs are warm.
const WARM_UP: u32 = 200;
/// How many of them are under way at a time.
const AT_ONCE: usize = 4;
/// How long the first event may take to be processed.
const FIRST: Duration = Duration::from_secs(30);
/// The time from the start of the clock until the first event is due.
const LEAD: Duration = Duration::from_millis(100);
/// The generator is late if one event in a hundred is emitted so many milliseconds after it was due.
const LATE_MS: f64 = 20.0;
/// The machine is busy with something else if that takes such a share of its processors.
const BUSY_ELSEWHERE: f64 = 0.25;

/// Makes a run; none if it was stopped. An error is a reason why it did not come to an end.
pub(super) async fn run(
    scenario: &Scenario,
    route: Route,
    repetition: u32,
    seed: u64,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Run>> {
    let directory = tempfile::Builder::new().prefix("ese-compare-").tempdir()?;
    let began = Instant::now();
    let stack = Stack::start(config(scenario, route, directory.path())).await?;
    let run = on(&stack, scenario, route, began, seed, directory.path());
    let outcome = stop.run_until_cancelled(run).await.transpose();
    stack.stop().await;
    Ok(outcome?.map(|run| Run { repetition, ..run }))
}

fn config(scenario: &Scenario, route: Route, directory: &std::path::Path) -> Config {
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

async fn on(
    stack: &Stack,
    scenario: &Scenario,
    route: Route,
    began: Instant,
    seed: u64,
    directory: &std::path::Path,
) -> anyhow::Result<Run> {
    let load = &scenario.load;
    let recorder = Arc::<Recorder>::default();
    // They end when the set is dropped.
    let mut followers = JoinSet::new();
    let http = reqwest::Client::builder().no_proxy().build()?;
    for &consumer in stack.consumer_addresses() {
        followers.spawn(processed::follow(consumer, http.clone(), recorder.clone()));
        followers.spawn(processed::follow_hops(consumer, http.clone(), recorder.clone()));
    }
    let leader = if route == Route::Kafka { leader(stack, &http).await? } else { String::new() };
    let faults = faults::of_route(&scenario.faults, route, f64::from(load.seconds), &leader);
    for fault in &faults {
        fault.prepare(stack).await?;
    }
    let wire = Wire::new(&stack.address(), None)?;
    let first = warm_up(&wire, route, 1).await?;
    let startup = began.elapsed().as_secs_f64();
    warm_up(&wire, route, WARM_UP).await?;

    let (slots, alerts) = plan(load, seed);
    let senders = Senders::new(&stack.address(), route, load, recorder.clone())?;
    let sampler = Sampler::start(stack, route);
    let (disk, busy, own) = (usage::disk_bytes(directory, route), usage::busy_seconds(), usage::own_seconds());
    let start = senders.clock().elapsed() + LEAD;
    let load_began = senders.clock().after(start).micros();
    let began = senders.clock().instant_after(start);
    let measured = Instant::now();
    let known = alerts_found(stack, &http, route).await?;
    let loaded = async {
        let sent = senders.run(&slots, load.event_bytes, start);
        let marks = try_join_all(faults.iter().map(|fault: &Fault| fault.follow(stack, &senders.online, began)));
        let ((), marks) = tokio::try_join!(sent, marks)?;
        let drained = drain::drain(&stack.address(), &senders.sessions(), route, load.retry).await?;
        anyhow::Ok((marks.concat(), drained))
    };
    let (marks, drained) = tokio::select! {
        loaded = loaded => loaded?,
        () = sampler.run(stack, route) => anyhow::bail!("the parts were not watched"),
    };
    drain::until_shown(&recorder, drained.balance.processed).await;
    let used = sampler.end(stack, route);
    let (elapsed, busy) = (measured.elapsed().as_secs_f64(), usage::busy_seconds() - busy);
    let (own, disk) = (usage::own_seconds() - own, usage::disk_bytes(directory, route) - disk);
    let cores = std::thread::available_parallelism()?.get() as f64;
    let busy_elsewhere = ((busy - own - used.cpu_seconds()) / (elapsed * cores)).max(0.0);
    let effects = effects(stack, &http, route, known + alerts).await?;
    drop(first);

    recorder.complete(&drained.complete, senders.clock().now().micros());
    let record = std::mem::take(&mut *recorder.lock());
    let missed = record.missed;
    let numbers = Numbers::new(record, load_began, f64::from(load.seconds));
    let lateness = distribution(senders.lateness());
    let due = numbers.due();
    let balance = drained.balance;
    let mut values = numbers.latencies();
    values.extend([
        (Criterion::Unavailable, numbers.unavailable()),
        (Criterion::Lost, due.saturating_sub(balance.processed + balance.rejected) as f64),
        (Criterion::Duplicated, effects.saturating_sub(2 * (known + alerts)) as f64),
        (Criterion::OutOfOrder, balance.reordered as f64),
        (Criterion::MostWaiting, numbers.most_waiting() as f64),
        (Criterion::Cpu, 1000.0 * used.cpu_seconds() / due.max(1) as f64),
        (Criterion::Memory, used.memory_mib),
        (Criterion::Disk, disk.max(0.0) / due.max(1) as f64),
        (Criterion::Parts, usage::parts(stack, route).len() as f64),
        (Criterion::Startup, startup),
    ]);
    if let Some(end) = marks.iter().map(|mark: &FaultMark| mark.ended).reduce(f64::max) {
        values.insert(Criterion::Recovery, numbers.recovery(end));
    }
    let late = lateness.quantiles.get(9).copied().unwrap_or_default();
    let mut void = Vec::new();
    let mut check = |wrong: bool, reason: String| void.extend(wrong.then_some(reason));
    check(late > LATE_MS, format!("the generator was late: one event in a hundred by {late:.0} ms or more"));
    check(busy_elsewhere > BUSY_ELSEWHERE, {
        format!("something else took {:.0} % of the processors", 100.0 * busy_elsewhere)
    });
    check(balance.residual != 0, format!("the ledger's residual is {}", balance.residual));
    check(missed > 0, format!("the times of {missed} processed events were missed"));
    check(balance.emitted != due, format!("the ledger has {} events of {due}", balance.emitted));
    Ok(Run {
        route,
        repetition: 0,
        void,
        values,
        due,
        ledger: balance,
        accepted: distribution(numbers.until_accepted()),
        processed: distribution(numbers.until_processed()),
        lateness,
        hops: numbers.hops(),
        refusals: numbers.refusals(),
        timeline: numbers.timeline(),
        faults: marks,
        parts: used.parts,
        busy_elsewhere,
    })
}

/// Sends so many events of one session, a few at a time, until each is accepted.
async fn warm_up(wire: &Wire, route: Route, events: u32) -> anyhow::Result<SessionId> {
    let session = SessionId(Uuid::now_v7());
    let deadline = Instant::now() + FIRST;
    let one = async |number: u32| {
        let now = runtime::clock::now();
        let event = Event {
            sequence: Some(number.into()),
            ..Event::new(Uuid::now_v7(), Source::Session(session), Kind::ButtonClick, now)
        };
        loop {
            let outcomes = wire.send(RouteChoice::One(route), std::slice::from_ref(&event)).await;
            if matches!(outcomes.get(&(event.id, route)), Some(Outcome::Accepted | Outcome::Duplicate)) {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "the route {route} accepts nothing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let numbers: Vec<u32> = (1..=events).collect();
    for some in numbers.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|&number| one(number))).await?;
    }
    loop {
        let view = wire.ledger(session).await.context("the ledger cannot be read")?;
        let processed = view.sessions.iter().map(|view| view.balance.processed).sum::<u64>();
        if processed >= u64::from(events) {
            return Ok(session);
        }
        anyhow::ensure!(Instant::now() < deadline, "{processed} of {events} first events are processed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The name of the broker that leads the first partition.
async fn leader(stack: &Stack, http: &reqwest::Client) -> anyhow::Result<String> {
    let [alone] = stack.brokers() else {
        let consumer: SocketAddr = stack.upstreams().consumer;
        return drain::leader(http, consumer).await.map(|leader| format!("broker-{leader}"));
    };
    Ok((*alone).to_owned())
}

/// How many alerts there are.
async fn alerts_found(stack: &Stack, http: &reqwest::Client, route: Route) -> anyhow::Result<u64> {
    let url = format!("http://{}/api/use-cases/steady-clicks", stack.upstreams().consumer);
    let view: UseCaseView = http.get(url).send().await?.json().await?;
    Ok(view.found.get(route).copied().unwrap_or_default())
}

/// The alerts and the mails, once there are as many of both as expected, or no more come.
async fn effects(stack: &Stack, http: &reqwest::Client, route: Route, expected: u64) -> anyhow::Result<u64> {
    let url = format!("http://{}/api/inbox", stack.upstreams().inbox);
    let (mut last, mut since) = ((0, 0), Instant::now());
    loop {
        let mails: Vec<InboxMail> = http.get(&url).send().await?.json().await?;
        let now = (alerts_found(stack, http, route).await?, mails.len() as u64);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        let complete = now.0 >= expected && now.1 >= expected;
        if since.elapsed() > if complete { drain::STABLE } else { drain::PATIENCE } {
            return Ok(now.0.max(expected) + now.1.max(expected));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Only for the sum of a run that did not come to an end.
pub(super) fn failed(route: Route, repetition: u32, reason: String) -> Run {
    Run {
        route,
        repetition,
        void: vec![reason],
        values: [].into(),
        due: 0,
        ledger: Balance::default(),
        accepted: distribution(Vec::new()),
        processed: distribution(Vec::new()),
        lateness: distribution(Vec::new()),
        hops: Vec::new(),
        refusals: [].into(),
        timeline: Vec::new(),
        faults: Vec::new(),
        parts: [].into(),
        busy_elsewhere: 0.0,
    }
}
