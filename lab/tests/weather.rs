//! Bad weather for minutes instead of moments: a broker that stays away, and more load than can be had.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::api::{BATCH, LedgerView};
use domain::{Event, Route};
use lab::stack::{Config, Stack};
use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

/// One stack after the other, or they would measure each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

struct Client {
    http: reqwest::Client,
    address: String,
    session: Uuid,
    last: AtomicU64,
}

impl Client {
    fn new(stack: &Stack) -> Arc<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let address = stack.address().replace("localhost", "127.0.0.1");
        Arc::new(Self { http, address, session: Uuid::now_v7(), last: AtomicU64::new(0) })
    }

    /// The next `count` events, with `padding` bytes of data each.
    fn events(&self, count: u64, padding: usize) -> Vec<Event> {
        let first = self.last.fetch_add(count, Ordering::Relaxed) + 1;
        let data = json!("x".repeat(padding));
        (first..first + count)
            .map(|number| {
                serde_json::from_value(json!({
                    "id": Uuid::now_v7(), "source": format!("/sessions/{}", self.session), "data": data,
                    "type": "ese.click-stream.button-click", "time": "2026-01-31T12:00:00Z", "sequence": number.to_string()
                }))
                .unwrap()
            })
            .collect()
    }

    /// Sends once; the status.
    async fn send(&self, route: Route, events: &[Event]) -> u16 {
        let request = self.http.post(format!("{}/api/events?route={route}", self.address));
        let body = serde_json::to_string(events).unwrap();
        request.header("content-type", BATCH).body(body).send().await.map_or(0, |answer| answer.status().as_u16())
    }

    async fn processed(&self, route: Route) -> u64 {
        let url = format!("{}/api/ledger?session={}", self.address, self.session);
        let Ok(answer) = self.http.get(url).send().await else { return 0 };
        let Ok(view) = answer.json::<LedgerView>().await else { return 0 };
        view.sessions.iter().find(|session| session.route == route).map_or(0, |session| session.balance.processed)
    }

    async fn until_processed(&self, route: Route, events: u64) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.processed(route).await < events {
            assert!(Instant::now() < deadline, "{route}: {} of {events} processed", self.processed(route).await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_for_half_a_minute_costs_nobody_an_event() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::start(Config::new(data.path())).await.unwrap();
    stack.kill("broker").await.unwrap();
    let clients: BTreeMap<Route, _> = Route::ALL.into_iter().map(|route| (route, Client::new(&stack))).collect();
    let away = Instant::now() + Duration::from_secs(30);
    let sending = clients.iter().map(async |(&route, client)| {
        let (mut statuses, mut refused) = (BTreeMap::<u16, u32>::new(), Vec::new());
        while Instant::now() < away {
            let events = client.events(5, 10);
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
    stack.restart("broker").await.unwrap();
    stack.until_ready("broker", Duration::from_secs(60)).await.unwrap();
    for (route, statuses, refused) in results {
        let told: Vec<u16> = statuses.keys().copied().collect();
        assert_eq!(told, if route == Route::Kafka { [503] } else { [200] }, "{route}: {statuses:?}");
        let client = &clients[&route];
        for events in refused {
            while client.send(route, &events).await != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        client.until_processed(route, client.last.load(Ordering::Relaxed)).await;
    }
    stack.stop().await;
}

/// The resident memory of a part, in MiB.
async fn memory(stack: &Stack, part: &str) -> u64 {
    let pid = stack.parts().get(part).unwrap().view().await.pid.unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn more_load_than_can_be_had_is_refused_and_what_is_accepted_is_processed() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::start(Config::new(data.path())).await.unwrap();
    for route in Route::ALL {
        let client = Client::new(&stack);
        let (accepted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let end = Instant::now() + Duration::from_secs(10);
        // Ninety batches of half a megabyte at once: more than the 32 MiB that may wait.
        let senders = (0..90).map(|_| {
            let (client, accepted, refused) = (client.clone(), accepted.clone(), refused.clone());
            tokio::spawn(async move {
                let mut events = client.events(40, 12_000);
                while Instant::now() < end {
                    match client.send(route, &events).await {
                        200 => {
                            accepted.fetch_add(40, Ordering::Relaxed);
                            events = client.events(40, 12_000);
                        }
                        503 => {
                            refused.fetch_add(40, Ordering::Relaxed);
                        }
                        status => panic!("{route}: {status}"),
                    }
                }
            })
        });
        futures_util::future::join_all(senders.collect::<Vec<_>>()).await;
        let accepted = accepted.load(Ordering::Relaxed);
        client.until_processed(route, accepted).await;
        let parts = [memory(&stack, "backend").await, memory(&stack, "consumer").await];
        eprintln!("{route}: {accepted} accepted, {} refused; MiB: {parts:?}", refused.load(Ordering::Relaxed));
        assert!(parts.iter().all(|&mib| mib < 400), "{route}: memory is not bounded: {parts:?} MiB");
    }
    stack.stop().await;
}
