//! The time from when an event was due until it was processed, at a steady load, beside a bare producer and consumer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::Route;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::bare_kafka;
use super::load::{Load, Target};
use super::measured_stack::MeasuredStack;
use super::open_loop::due;
use super::results::Samples;
use super::template::{Shape, id};
use super::throughput::CONNECTIONS;
use crate::experiments::durations::Durations;

/// Single events a second.
const RATE: u64 = 1000;
/// How long no event may be shown although some are processed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connection, the number and the moment of each event that is shown as processed, in microseconds since the epoch.
type Shown = Arc<Mutex<Vec<(usize, u64, i64)>>>;

/// Measures each target once, in this order, and then their ratios; the times are before the window and in it, in seconds.
pub(super) async fn round(
    stack: &MeasuredStack,
    targets: &[Target],
    times: [f64; 2],
    samples: &mut Samples,
) -> anyhow::Result<()> {
    for target in targets {
        let durations = match (target, &stack.broker) {
            (Target::Route(route), _) => of_route(stack, *route, times).await?,
            (Target::Bare, Some(broker)) => bare_kafka::run(broker, RATE, times).await?,
            _ => continue,
        };
        for (name, percent) in [("processed-p50", 50.0), ("processed-p99", 99.0)] {
            samples.add(format!("{name}/{target}"), durations.at(percent).unwrap_or_default());
        }
    }
    for route in Route::ALL {
        let key = |name: &str| format!("{name}/{}", route.name());
        samples.add_ratio(key("processed-ratio"), &key("processed-p99"), "processed-p99/bare");
    }
    Ok(())
}

async fn of_route(stack: &MeasuredStack, route: Route, [warm_up, seconds]: [f64; 2]) -> anyhow::Result<Durations> {
    let load = Load {
        address: stack.stack.upstreams().backend.to_string(),
        route: Some(route),
        shape: Shape::Single,
        connections: CONNECTIONS,
        rate: Some(RATE),
        warm_up,
        seconds,
        events: None,
        run: rand::random(),
    };
    let url = format!("http://{}/api/processed", stack.stack.upstreams().consumer);
    let stream = reqwest::Client::builder().no_proxy().build()?.get(url).send().await?.error_for_status()?;
    let sessions = (0..CONNECTIONS).map(|connection| (id(load.run, connection, 0), connection)).collect();
    let shown = Shown::default();
    // The task ends when the set is dropped.
    let mut following = JoinSet::new();
    following.spawn(follow(stream, sessions, shown.clone()));
    let loaded = stack.load(&load).await?;
    ensure!(loaded.unsent == 0, "{} events of a steady load were not sent: this machine is too busy", loaded.unsent);
    stack.until_processed(route).await?;
    until_shown(&shown, loaded.accepted).await?;
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let times = shown.iter().filter_map(|&(connection, number, at)| {
        let due = due(RATE, (number - 1) * CONNECTIONS as u64 + connection as u64);
        let micros = at - loaded.began - due.as_micros() as i64;
        (due.as_secs_f64() >= warm_up).then(|| u64::try_from(micros).unwrap_or_default())
    });
    Durations::new(times)
}

async fn follow(mut stream: reqwest::Response, sessions: HashMap<String, usize>, shown: Shown) {
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = stream.chunk().await {
        text.extend_from_slice(&chunk);
        let Some(end) = text.iter().rposition(|&byte| byte == b'\n') else { continue };
        let whole: Vec<u8> = text.drain(..=end).collect();
        let lines = String::from_utf8_lossy(&whole);
        shown.lock().unwrap_or_else(PoisonError::into_inner).extend(lines.lines().filter_map(|line| {
            let mut fields = line.split(' ');
            let connection = *sessions.get(fields.next()?)?;
            Some((connection, fields.next()?.parse::<u64>().ok()?, fields.nth(1)?.parse::<i64>().ok()?))
        }));
    }
}

/// Waits until so many events are shown: each counts.
async fn until_shown(shown: &Shown, events: u64) -> anyhow::Result<()> {
    let (mut last, mut since) = (0, Instant::now());
    while last < events {
        sleep(Duration::from_millis(10)).await;
        let now = shown.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        ensure!(since.elapsed() < PATIENCE, "the consumer has shown only {last} of {events} processed events");
    }
    Ok(())
}
