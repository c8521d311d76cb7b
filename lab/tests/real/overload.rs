//! Faults that last minutes: a broker that stays away, and more load than the stack can take.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::Route;
use domain::api::BATCH;
use domain::api::faults::FaultRequest;
use lab::run::stack::Stack;
use runtime::testing::until;
use uuid::Uuid;

use crate::Real;
use crate::client::Client;

/// A client that sends as much as it can.
struct Flood {
    client: Client,
    http: reqwest::Client,
    address: String,
    last: AtomicU64,
}

impl Flood {
    /// One that sends to this address, and reads the ledger at the stack's front door.
    fn new(stack: &Stack, address: String) -> Arc<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Arc::new(Self { client: Client::new(stack, 1), http, address, last: AtomicU64::new(0) })
    }

    /// A batch of the next `count` events, with `padding` bytes of data each. Written by hand: the sender must cost less
    /// than the stack.
    fn batch(&self, count: u64, padding: usize) -> Bytes {
        let first = self.last.fetch_add(count, Ordering::Relaxed) + 1;
        let data = "x".repeat(padding);
        let events = (first..first + count).map(|number| {
            format!(
                r#"{{"id":"{}","source":"/sessions/{}","type":"ese.click-stream.button-click","time":"2026-01-31T12:00:00Z","sequence":"{number}","data":"{data}"}}"#,
                Uuid::now_v7(), self.client.session
            )
        });
        format!("[{}]", events.collect::<Vec<_>>().join(",")).into()
    }

    /// Sends once; the status.
    async fn send(&self, route: Route, batch: &Bytes) -> u16 {
        let request = self.http.post(format!("{}/api/events?route={route}", self.address));
        let request = request.header("content-type", BATCH).body(batch.clone());
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    /// Waits until at least so many events are processed: a refused batch may be processed as well.
    async fn until_processed(&self, route: Route, events: u64) {
        let all = async || self.client.balance(route).await.is_ok_and(|balance| balance.processed >= events);
        until(&format!("{events} are processed on {route}"), all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_for_half_a_minute_costs_nobody_an_event() {
    let real = Real::start(|config| config).await.unwrap();
    let stack = &real.stack;
    let front = stack.address().replace("localhost", "127.0.0.1");
    stack.faults().start(FaultRequest::new("kill", "broker")).await.unwrap();
    let clients = BTreeMap::from(Route::ALL.map(|route| (route, Flood::new(stack, front.clone()))));
    let away = Instant::now() + Duration::from_secs(30);
    let sending = clients.iter().map(async |(&route, client)| {
        let (mut statuses, mut refused) = (BTreeMap::<u16, u32>::new(), Vec::new());
        while Instant::now() < away {
            let events = client.batch(5, 10);
            let status = client.send(route, &events).await;
            *statuses.entry(status).or_default() += 1;
            if status != 200 {
                refused.push(events);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (route, statuses, refused)
    });
    let results = futures_util::future::join_all(sending).await;
    stack.faults().restore().await.unwrap();
    stack.until_ready("broker", Duration::from_secs(60)).await.unwrap();
    for (route, statuses, refused) in results {
        let seen: Vec<u16> = statuses.keys().copied().collect();
        assert_eq!(seen, if route == Route::Kafka { [503] } else { [200] }, "{route}: {statuses:?}");
        let client = &clients[&route];
        for events in refused {
            while client.send(route, &events).await != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        client.until_processed(route, client.last.load(Ordering::Relaxed)).await;
    }
    real.stack.stop().await;
}

/// The resident memory of a part, in MiB.
async fn memory(stack: &Stack, part: &str) -> u64 {
    let pid = stack.parts().get(part).unwrap().view().await.pid.unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Sends batches, a new one after each acceptance and the same again after a refusal, until `end`. Returns how many were
/// accepted, and how long each refusal took, in milliseconds.
async fn send_until(client: Arc<Flood>, route: Route, end: Instant) -> (u64, Vec<u128>) {
    let (mut accepted, mut refusals) = (0, Vec::new());
    let mut events = client.batch(LARGE.0, LARGE.1);
    while Instant::now() < end {
        let began = Instant::now();
        match client.send(route, &events).await {
            200 => {
                accepted += 1;
                events = client.batch(LARGE.0, LARGE.1);
            }
            503 => refusals.push(began.elapsed().as_millis()),
            status => panic!("{route}: {status}"),
        }
    }
    (accepted, refusals)
}

/// Events in a batch and bytes in an event: half a megabyte at once, so that few senders fill the 32 MiB that may wait.
const LARGE: (u64, usize) = (40, 12_000);

/// For half a minute on each route, as many events as the machine can send: on push and poll more than five times the accepted
/// (the numbers are printed); where the broker is quicker than the backend reads, kafka refuses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn more_load_than_can_be_had_is_refused_and_what_is_accepted_is_processed() {
    let real = Real::start(|config| config).await.unwrap();
    let stack = &real.stack;
    for route in Route::ALL {
        // Not through the front door, which would need a part of the processor.
        let client = Flood::new(stack, format!("http://{}", stack.upstreams().backend));
        let end = Instant::now() + Duration::from_secs(30);
        let senders: Vec<_> = (0..120).map(|_| tokio::spawn(send_until(client.clone(), route, end))).collect();
        let mut largest = BTreeMap::from([("backend", Vec::new()), ("consumer", Vec::new())]);
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_secs(1)).await;
            for (part, sizes) in &mut largest {
                sizes.push(memory(stack, part).await);
            }
        }
        let (mut accepted, mut refusals) = (0, Vec::<u128>::new());
        for sender in senders {
            let (of_sender, refused) = sender.await.unwrap();
            accepted += of_sender;
            refusals.extend(refused);
        }
        refusals.sort_unstable();
        let (refused, typical) = (refusals.len(), refusals.get(refusals.len() / 2));
        eprintln!(
            "{route}: {accepted} batches accepted, {refused} refused, half of them within {typical:?} ms; MiB each second: {largest:?}"
        );
        for (part, sizes) in &largest {
            assert!(sizes.iter().all(|&mib| mib < 400), "{route}: the {part}'s memory is not bounded: {sizes:?} MiB");
        }
        client.until_processed(route, accepted * LARGE.0).await;
    }
    real.stack.stop().await;
}
