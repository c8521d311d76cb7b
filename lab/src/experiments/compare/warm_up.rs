//! The time before the load: the first event, which ends the start, and enough others to warm up the programs.

use std::time::{Duration, Instant};

use anyhow::Context;
use domain::api::Outcome;
use domain::{Event, Kind, Route, RouteChoice, SessionId, Source};
use futures_util::future::try_join_all;
use tokio::time::sleep;
use uuid::Uuid;

use super::drain::LOOK_EVERY;
use crate::experiments::simulate::clients::own_address;
use crate::experiments::wire::Wire;
use crate::run::stack::Stack;

/// How many clients send, one event each at a time. Their addresses are keys, enough of them for every partition.
const CLIENTS: u32 = 12;
/// How long all of them may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long nothing may be processed before events count as lost: longer than a group takes to notice a killed consumer.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(10);
/// The same for the first event, which ends the start.
pub(super) const FIRST_LOST_AFTER: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// The clients of the warm-up. They have the last addresses, which no client of a load has.
pub(super) fn wires(target: &str) -> anyhow::Result<Vec<Wire>> {
    (0..CLIENTS).map(|number| Wire::new(target, own_address(target, u32::from(u16::MAX) - 2 - number))).collect()
}

/// Sends so many events, and waits until as many are processed. Where some are lost, others are sent instead: a route that hands
/// over an event *at most once* may lose those of its first second.
pub(super) async fn warm_up(wires: &[Wire], route: Route, events: u64, lost_after: Duration) -> anyhow::Result<()> {
    let session = SessionId(Uuid::now_v7());
    let deadline = Instant::now() + DEADLINE;
    let (mut sent, mut processed) = (0, 0);
    while processed < events {
        let numbers: Vec<u64> = (sent + 1..=sent + events - processed).collect();
        sent += events - processed;
        for some in numbers.chunks(wires.len()) {
            try_join_all(some.iter().zip(wires).map(|(&number, wire)| one(wire, route, session, number, deadline)))
                .await?;
        }
        let mut since = Instant::now();
        while processed < events && since.elapsed() < lost_after {
            let view = wires[0].ledger(session).await.context("the ledger cannot be read")?;
            let now: u64 = view.sessions.iter().map(|view| view.balance.processed).sum();
            if now != processed {
                (processed, since) = (now, Instant::now());
            }
            anyhow::ensure!(Instant::now() < deadline, "{processed} of the first {events} events are processed");
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Sends an event until it is accepted.
async fn one(wire: &Wire, route: Route, session: SessionId, number: u64, deadline: Instant) -> anyhow::Result<()> {
    let event = Event {
        sequence: Some(number),
        ..Event::new(Uuid::now_v7(), Source::Session(session), Kind::ButtonClick, runtime::clock::now())
    };
    loop {
        let outcomes = wire.send(RouteChoice::One(route), std::slice::from_ref(&event)).await;
        if matches!(outcomes.get(&(event.id, route)), Some(Outcome::Accepted | Outcome::Duplicate)) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < deadline, "the route {route} accepts nothing");
        sleep(PAUSE).await;
    }
}

/// The name of the broker that leads the first partition; empty if there is no broker.
pub(super) async fn leader(stack: &Stack, wire: &Wire) -> anyhow::Result<String> {
    match stack.brokers() {
        [] => return Ok(String::new()),
        [alone] => return Ok((*alone).to_owned()),
        _ => {}
    }
    let deadline = Instant::now() + DEADLINE;
    loop {
        match wire.snapshot().await?.partitions.first().and_then(|partition| partition.leader) {
            Some(leader) => return Ok(format!("broker-{leader}")),
            None => anyhow::ensure!(Instant::now() < deadline, "no broker leads the first partition"),
        }
        sleep(LOOK_EVERY).await;
    }
}
