//! A cluster of three real brokers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::api::Partition;
use domain::api::faults::FaultRequest;
use domain::{Intervals, Route};
use futures_util::future::{join_all, try_join_all};
use lab::experiments::wire::Wire;
use lab::run::stack::{Config, Stack};
use runtime::testing::until;

use crate::client::Client;
use crate::{Real, lacks_apache};

const TIMEOUT: Duration = Duration::from_secs(60);

async fn until_partitions(wire: &Wire, what: &str, met: impl Fn(&[Partition]) -> bool) -> Vec<Partition> {
    let mut partitions = Vec::new();
    until(what, async || {
        partitions = wire.snapshot().await.unwrap().partitions;
        met(&partitions)
    })
    .await;
    partitions
}

/// A sender under way, and what became of its events.
struct Sent {
    client: Client,
    last: u64,
    accepted: Intervals,
    /// The longest time from one accepted event to the next.
    gap: Duration,
}

/// Sends one event after the other until `stop`; none is sent again. `count` is that of all senders.
async fn send(client: Client, count: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Sent {
    let mut sent = Sent { client, last: 0, accepted: Intervals::default(), gap: Duration::ZERO };
    let mut before = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        sent.last += 1;
        if sent.client.send(Route::Kafka, sent.last..=sent.last).await == 1 {
            sent.accepted.insert(sent.last);
            sent.gap = sent.gap.max(before.elapsed());
            before = Instant::now();
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_leader_is_replaced_and_no_accepted_event_is_lost() {
    if lacks_apache() {
        return;
    }
    let real = Real::start(|config| Config { brokers: 3, ..config }).await.unwrap();
    let stack = &real.stack;
    let wire = Wire::new(&stack.address(), None).unwrap();
    let all_in_sync = |partitions: &[Partition]| {
        !partitions.is_empty() && partitions.iter().all(|it| it.leader.is_some() && it.in_sync.len() == 3)
    };
    let before = until_partitions(&wire, "all replicas are in sync", all_in_sync).await;

    let (count, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    // The address of each decides its partition: together they write to all three.
    let send = |number| tokio::spawn(send(Client::new(stack, number), count.clone(), stop.clone()));
    let senders: Vec<_> = (1..=16).map(send).collect();
    let until_accepted = async |events: u64| {
        until("so many events are accepted", async || count.load(Ordering::Relaxed) >= events).await;
    };
    until_accepted(500).await;
    let leader = before[0].leader.unwrap();
    let target = format!("broker-{leader}");
    let fault = stack.faults().start(FaultRequest::new("kill", &target)).await.unwrap();
    let killed = Instant::now();
    until_partitions(&wire, "others lead", |partitions| {
        partitions.iter().all(|it| it.leader.is_some_and(|now| now != leader) && !it.in_sync.contains(&leader))
    })
    .await;
    eprintln!("Live shows the new leaders after {:.1} s", killed.elapsed().as_secs_f32());
    until_accepted(count.load(Ordering::Relaxed) + 500).await;
    stack.faults().stop(fault.id).await.unwrap();
    stack.until_ready(&target, TIMEOUT).await.unwrap();
    until_partitions(&wire, "all replicas are in sync again", all_in_sync).await;
    stop.store(true, Ordering::Relaxed);
    let senders = try_join_all(senders).await.unwrap();
    let gap = senders.iter().map(|sent| sent.gap).max().unwrap();
    let events: u64 = senders.iter().map(|sent| sent.last).sum();
    eprintln!("{count:?} of {events} events accepted, the longest wait of a sender {gap:.1?}");
    assert!(gap < Duration::from_secs(20), "the election takes a few seconds");
    until("every accepted event is processed", async || {
        let views = join_all(senders.iter().map(|sent| wire.ledger(sent.client.session))).await;
        views.into_iter().zip(&senders).all(|(view, sent)| {
            let seen = view.unwrap().sessions.into_iter().find_map(|session| session.seen).unwrap_or_default();
            sent.accepted.minus(&seen).is_empty()
        })
    })
    .await;

    // A fault of the connection to the brokers is one of the connections to all three.
    let all = async |number: u64| {
        join_all(senders.iter().map(|sent| sent.client.send(Route::Kafka, sent.last + number..=sent.last + number)))
            .await
    };
    let cut = stack.faults().start(FaultRequest::new("cut", "backend-broker")).await.unwrap();
    assert_eq!(all(1).await, [0; 16], "the cable to every broker is cut");
    stack.faults().stop(cut.id).await.unwrap();
    until("events are accepted after the cable was mended", async || all(2).await == [1; 16]).await;
    real.stack.stop().await;

    let alone = Config { brokers: 1, ..real.config };
    let refused = Stack::start(alone).await.err().unwrap().to_string();
    assert!(refused.contains("give --brokers 3") && refused.lines().count() == 1, "{refused}");
}
