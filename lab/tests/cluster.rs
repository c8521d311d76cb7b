//! A cluster of three real brokers. Needs the services' programs beside `ese`, and Apache Kafka with a Java.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::Route;
use domain::api::faults::FaultRequest;
use domain::api::{Partition, Snapshot};
use futures_util::StreamExt;
use futures_util::future::join_all;
use lab::run::broker::{BrokerChoice, choose, find_installed};
use lab::run::stack::{Config, Stack};
use serde_json::json;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends one event over the route kafka; returns whether it was accepted.
async fn is_accepted(client: &reqwest::Client, address: &str, sender: u32) -> bool {
    let event = json!({
        "event": {"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"}, "timestamp": 1_769_860_800_000_i64,
        // The address decides the partition.
        "ip": format!("10.0.0.{sender}"), "data": {}
    });
    let url = format!("{address}/events?route=kafka");
    let answer = client.post(url).json(&json!({"events": [event]})).send().await;
    answer.is_ok_and(|answer| answer.status() == 201)
}

/// The beginning of the live stream.
async fn snapshot(address: &str) -> Snapshot {
    let answer = reqwest::get(format!("{address}/api/live")).await.unwrap();
    let (mut stream, mut text) = (answer.bytes_stream(), String::new());
    while !text.contains("\n\n") {
        text += std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap();
    }
    serde_json::from_str(text.lines().find_map(|line| line.strip_prefix("data:")).unwrap()).unwrap()
}

async fn until_partitions(address: &str, what: &str, met: impl Fn(&[Partition]) -> bool) -> Vec<Partition> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let partitions = snapshot(address).await.partitions;
        if met(&partitions) {
            return partitions;
        }
        assert!(Instant::now() < deadline, "in vain: {what}: {partitions:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_leader_is_replaced_and_no_accepted_event_is_lost() {
    if let Err(lack) = choose(&BrokerChoice::Apache, &find_installed(), None) {
        eprintln!("SKIPPED: {lack}");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let config = Config { brokers: 3, ..Config::new(data.path()) };
    let began = Instant::now();
    let stack = Stack::start(config.clone()).await.unwrap();
    eprintln!("up after {:.1} s", began.elapsed().as_secs_f32());
    let address = stack.address();
    let all_in_sync = |partitions: &[Partition]| {
        !partitions.is_empty() && partitions.iter().all(|it| it.leader.is_some() && it.in_sync.len() == 3)
    };
    let before = until_partitions(&address, "all replicas are in sync", all_in_sync).await;

    let (accepted, refused, stop) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let senders: Vec<_> = (0..16)
        .map(|sender| {
            let (accepted, refused, stop, address) = (accepted.clone(), refused.clone(), stop.clone(), address.clone());
            tokio::spawn(async move {
                let (client, mut last, mut gap) = (reqwest::Client::new(), Instant::now(), Duration::ZERO);
                while !stop.load(Ordering::Relaxed) {
                    if is_accepted(&client, &address, sender).await {
                        accepted.fetch_add(1, Ordering::Relaxed);
                        gap = gap.max(last.elapsed());
                        last = Instant::now();
                    } else {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
                gap
            })
        })
        .collect();
    let until_accepted = async |events: u64| {
        let deadline = Instant::now() + TIMEOUT;
        while accepted.load(Ordering::Relaxed) < events {
            assert!(Instant::now() < deadline, "{} of {events} events are accepted", accepted.load(Ordering::Relaxed));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until_accepted(500).await;
    let leader = before[0].leader.unwrap();
    let target = format!("broker-{leader}");
    let request = FaultRequest { kind: "kill".to_owned(), target: target.clone(), ..FaultRequest::default() };
    let fault = stack.faults().start(request).await.unwrap();
    let killed = Instant::now();
    until_partitions(&address, "others lead", |partitions| {
        partitions.iter().all(|it| it.leader.is_some_and(|now| now != leader) && !it.in_sync.contains(&leader))
    })
    .await;
    eprintln!("Live shows the new leaders after {:.1} s", killed.elapsed().as_secs_f32());
    until_accepted(accepted.load(Ordering::Relaxed) + 500).await;
    stack.faults().stop(fault.id).await.unwrap();
    stack.until_ready(&target, TIMEOUT).await.unwrap();
    until_partitions(&address, "all replicas are in sync again", all_in_sync).await;
    stop.store(true, Ordering::Relaxed);
    let mut gap = Duration::ZERO;
    for sender in senders {
        gap = gap.max(sender.await.unwrap());
    }
    let (accepted, refused) = (accepted.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
    eprintln!("{accepted} events accepted, {refused} requests refused, the longest wait of a sender {gap:.1?}");
    assert!(gap < Duration::from_secs(20), "the election takes a few seconds");

    let deadline = Instant::now() + TIMEOUT;
    let processed = async || snapshot(&address).await.stats.routes.get(Route::Kafka).map_or(0, |it| it.unnumbered);
    while processed().await < accepted {
        assert!(Instant::now() < deadline, "{} of {accepted} accepted events are processed", processed().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // A fault of the connection to the brokers is one of the connections to all three.
    let client = reqwest::Client::new();
    let all = async || join_all((0..16).map(|sender| is_accepted(&client, &address, sender))).await;
    let cut = stack.faults().start(FaultRequest::new("cut", "backend-broker")).await.unwrap();
    assert_eq!(all().await, [false; 16], "the cable to every broker is cut");
    stack.faults().stop(cut.id).await.unwrap();
    let deadline = Instant::now() + TIMEOUT;
    while all().await.contains(&false) {
        assert!(Instant::now() < deadline, "events are refused after the cable was mended");
    }
    stack.stop().await;

    let alone = Config { brokers: 1, ..config };
    let refused = Stack::start(alone).await.err().unwrap().to_string();
    assert!(refused.contains("give --brokers 3") && refused.lines().count() == 1, "{refused}");
}
