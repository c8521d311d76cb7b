//! Many events: the memory of the services after them, and the consumer that drains those that waited for it.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::Route;
use tokio::time::sleep;

use super::load::Load;
use super::measured_stack::MeasuredStack;
use super::results::Samples;
use super::template::Shape;
use super::throughput::BATCH_CONNECTIONS;

/// The services whose memory counts.
const SERVICES: [&str; 2] = ["backend", "consumer"];
/// The consumer.
const CONSUMER: &str = "consumer";
/// How long sending may take, in seconds.
const SENDING: f64 = 600.0;
/// How long a consumer may take to start.
const START: Duration = Duration::from_secs(60);
/// The time between two looks at the ledger.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long no event may be processed although some wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures the services' memory after a third, two thirds and all of these events, which are spread over the routes.
pub(super) async fn memory(
    stack: &MeasuredStack,
    routes: &[Route],
    events: u64,
    samples: &mut Samples,
) -> anyhow::Result<()> {
    for third in ["third", "two-thirds", "end"] {
        for &route in routes {
            send(stack, route, events / 3 / routes.len() as u64).await?;
            stack.until_processed(route).await?;
        }
        let mut both = 0.0;
        for service in SERVICES {
            let memory = stack.memory(service)?;
            samples.add(format!("memory-{service}/{third}"), memory);
            both += memory;
        }
        samples.add(format!("memory/{third}"), both);
    }
    Ok(())
}

/// Stops the consumer, sends these events, starts it, and measures how fast it processes what waited for it.
pub(super) async fn drain(
    stack: &MeasuredStack,
    route: Route,
    events: u64,
    samples: &mut Samples,
) -> anyhow::Result<()> {
    let before = stack.processed(route).await.context("the ledger cannot be read")?;
    let consumer = stack.stack.parts().get(CONSUMER)?;
    consumer.stop().await;
    let waiting = send(stack, route, events).await?;
    let started = Instant::now();
    consumer.restart().await?;
    stack.stack.until_ready(CONSUMER, START).await?;
    // From the first look that shows progress, so that the start of the process is not part of the rate.
    let (mut first, mut last, mut since) = (None, 0, Instant::now());
    while last < waiting {
        sleep(LOOK_EVERY).await;
        let now = stack.processed(route).await.unwrap_or(before + last).saturating_sub(before);
        if now != last {
            (last, since) = (now, Instant::now());
            first.get_or_insert((since, now));
        }
        ensure!(
            since.elapsed() < PATIENCE,
            "the consumer stopped after {last} of {waiting} events of {}",
            route.name()
        );
    }
    let (began, already) = first.context("nothing waited for the consumer")?;
    let seconds = since.duration_since(began).as_secs_f64();
    // All at the first look: then the start is the best that is known.
    let (drained, seconds) = match waiting - already.min(waiting) {
        0 => (waiting, since.duration_since(started).as_secs_f64()),
        rest => (rest, seconds),
    };
    samples.add(format!("drain-rate/{}", route.name()), drained as f64 / seconds.max(LOOK_EVERY.as_secs_f64()));
    samples.add(format!("drain-start/{}", route.name()), began.duration_since(started).as_secs_f64());
    samples.add(format!("drain-memory/{}", route.name()), stack.memory(CONSUMER)?);
    Ok(())
}

/// Sends at least so many events; returns how many were accepted.
async fn send(stack: &MeasuredStack, route: Route, events: u64) -> anyhow::Result<u64> {
    let load = Load {
        address: stack.stack.upstreams().backend.to_string(),
        route: Some(route),
        shape: Shape::Batch,
        connections: BATCH_CONNECTIONS,
        rate: None,
        warm_up: 0.0,
        seconds: SENDING,
        events: Some(events),
        run: rand::random(),
    };
    let accepted = stack.load(&load).await?.accepted;
    ensure!(
        accepted >= events,
        "only {accepted} of {events} events were accepted in {SENDING} s over {}",
        route.name()
    );
    Ok(accepted)
}
