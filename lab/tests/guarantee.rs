//! The three guarantees on real services: lost here, doubled there, neither.
//!
//! Each crash comes at a moment that the test waits for; the fault `slow-commits` makes that moment long.
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::api::faults::{FAULT_TOKEN, FaultRequest, FaultsView};
use domain::api::{BATCH, GuaranteeView, InboxMail, IngestReply, LedgerView, Outcome, UseCaseView};
use domain::{Guarantee, Route, Timestamp};
use lab::run::stack::{Config, Stack};
use reqwest::Client;
use serde_json::json;
use sqlx::{AnyConnection, Connection};
use uuid::Uuid;

/// How long a slow commit takes.
const COMMIT_MS: u32 = 3000;
const TIMEOUT: Duration = Duration::from_secs(60);

struct Bench {
    stack: Stack,
    http: Client,
    front: String,
    data: tempfile::TempDir,
}

/// Three key presses of a session of their own, which make one alert.
struct Presses {
    route: Route,
    session: Uuid,
    first: Timestamp,
    body: String,
}

impl Presses {
    /// The presses of different `hour`s have nothing to do with each other.
    fn new(route: Route, hour: i64) -> Self {
        let (session, first) = (Uuid::now_v7(), Timestamp::from_millis(1_700_000_000_000 + hour * 3_600_000));
        let press = |number: u64| {
            json!({
                "specversion": "1.0", "id": Uuid::now_v7(), "source": format!("/sessions/{session}"),
                "type": "ese.click-stream.key-press", "time": first, "sequence": number.to_string()
            })
        };
        let body = json!([press(1), press(2), press(3)]).to_string();
        Self { route, session, first, body }
    }
}

/// Waits until `condition` holds.
async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = Instant::now() + TIMEOUT;
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Bench {
    async fn start() -> Self {
        sqlx::any::install_default_drivers();
        let data = tempfile::tempdir().unwrap();
        let stack = Stack::start(Config { faults: true, ..Config::new(data.path()) }).await.unwrap();
        let front = stack.address().replace("localhost", "127.0.0.1");
        Self { stack, http: Client::new(), front, data }
    }

    /// Sets the guarantee of all routes as the page does, and waits until the services follow.
    async fn choose(&self, guarantee: Guarantee) {
        let faults: FaultsView = self.get("/api/faults").await;
        let request = self.http.put(format!("{}/api/guarantee", self.front)).header(FAULT_TOKEN, faults.token);
        let answer = request.json(&guarantee.on_all_routes()).send().await.unwrap();
        let view: GuaranteeView = answer.error_for_status().unwrap().json().await.unwrap();
        assert_eq!(view.routes, guarantee.on_all_routes());
        for address in [self.stack.upstreams().backend, self.stack.upstreams().consumer] {
            for route in Route::ALL {
                let gauge = format!("ese_guarantee{{route=\"{route}\"}}");
                until("the services follow", async || self.metric(address, &gauge).await == Some(guarantee as u8))
                    .await;
            }
        }
    }

    /// The metric of a service, as a small number.
    async fn metric(&self, address: SocketAddr, name: &str) -> Option<u8> {
        let text = self.http.get(format!("http://{address}/metrics")).send().await.ok()?.text().await.ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        self.http.get(format!("{}{path}", self.front)).send().await.unwrap().json().await.unwrap()
    }

    /// Sends the presses; all must be accepted, or duplicates.
    async fn send(&self, presses: &Presses) {
        let request = self.http.post(format!("{}/api/events?route={}", self.front, presses.route));
        let answer = request.header("content-type", BATCH).body(presses.body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", presses.route);
        let reply: IngestReply = answer.json().await.unwrap();
        let outcomes = reply.results.iter().map(|result| &result.routes[presses.route]);
        let taken = outcomes.filter(|outcome| matches!(outcome, Outcome::Accepted | Outcome::Duplicate)).count();
        assert_eq!(taken, 3, "{}", presses.route);
    }

    /// Reports all presses as accepted, as the page does.
    async fn report(&self, Presses { route, session, .. }: &Presses) {
        let body = json!({"routes": {route.name(): {"emitted": "1-3", "accepted": "1-3"}}}).to_string();
        let url = format!("{}/api/sessions/{session}/report", self.front);
        assert_eq!(self.http.post(url).body(body).send().await.unwrap().status(), 204);
    }

    /// Processed, lost and duplicates, and the residual.
    async fn balance(&self, Presses { route, session, .. }: &Presses) -> (u64, u64, u64, i64) {
        let view: LedgerView = self.get(&format!("/api/ledger?session={session}")).await;
        let balance = view.sessions.iter().find(|view| view.route == *route).map(|view| view.balance);
        let balance = balance.unwrap_or_default();
        (balance.processed, balance.lost, balance.duplicates, balance.residual)
    }

    /// Waits for processed, lost and duplicates, and then for as many alerts, each with a mail of its own.
    async fn expect(&self, presses: &Presses, (processed, lost, duplicates): (u64, u64, u64), alerts: usize) {
        let Presses { route, first, .. } = presses;
        self.report(presses).await;
        let expected = (processed, lost, duplicates, 0);
        until(&format!("{route}: {expected:?}"), async || self.balance(presses).await == expected).await;
        // Alerts are committed with the ledger.
        let view: UseCaseView = self.get("/api/use-cases/steady-clicks").await;
        let made = view.results.iter().filter(|alert| alert.route == *route && alert.activity.started == *first);
        assert_eq!(made.count(), alerts, "{route}: alerts");
        let (started, seen_on) = (format!("From: {first}"), format!("Seen on route: {route}"));
        let mails = async || {
            let inbox: Vec<InboxMail> = self.get("/api/inbox").await;
            inbox.iter().filter(|mail| mail.text.contains(&started) && mail.text.contains(&seen_on)).count()
        };
        until("each alert has its mail", async || mails().await == alerts).await;
    }

    /// Makes the commits of a part slow, from its next start on.
    async fn slow_commits(&self, part: &str) -> u64 {
        let parameters = BTreeMap::from([("commit_ms".to_owned(), COMMIT_MS)]);
        let (kind, target) = ("slow-commits".to_owned(), part.to_owned());
        let fault = self.stack.faults().start(FaultRequest { kind, target, parameters, seconds: None }).await.unwrap();
        self.stack.parts().get(part).unwrap().restart().await.unwrap();
        self.stack.until_ready(part, TIMEOUT).await.unwrap();
        fault.id
    }

    /// Kills a part and starts it again, at full speed.
    async fn crash(&self, part: &str, slow: u64) {
        self.stack.parts().get(part).unwrap().kill().await.unwrap();
        self.stack.faults().stop(slow).await.unwrap();
        self.stack.parts().get(part).unwrap().restart().await.unwrap();
        self.stack.until_ready(part, TIMEOUT).await.unwrap();
    }

    /// The sum of the positions of a route in the consumer's database.
    async fn position(&self, route: Route) -> i64 {
        let url = format!("sqlite://{}/consumer.db?mode=ro", self.data.path().display());
        let mut database = AnyConnection::connect(&url).await.unwrap();
        let sources = if route == Route::Kafka { "click-events/%" } else { "http-poll" };
        let sum = "SELECT CAST(COALESCE(SUM(next_position), 0) AS BIGINT) FROM positions WHERE source LIKE $1";
        sqlx::query_scalar(sum).bind(sources).fetch_one(&mut database).await.unwrap()
    }
}

async fn at_most_once(bench: &Bench) {
    bench.choose(Guarantee::AtMostOnce).await;
    // The backend answers, and then its forward finds no consumer.
    let presses = Presses::new(Route::HttpPush, 0);
    bench.stack.parts().get("consumer").unwrap().kill().await.unwrap();
    bench.send(&presses).await;
    let waiting = "ese_queue_bytes{route=\"http-push\"}";
    let backend = bench.stack.upstreams().backend;
    until("the forward has failed", async || bench.metric(backend, waiting).await == Some(0)).await;
    bench.stack.parts().get("consumer").unwrap().restart().await.unwrap();
    bench.stack.until_ready("consumer", TIMEOUT).await.unwrap();
    bench.expect(&presses, (0, 3, 0), 0).await;

    // The consumer dies after the position has moved, and before the effects.
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = Presses::new(route, 1);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        bench.send(&presses).await;
        until("the position has moved", async || bench.position(route).await == before + 3).await;
        bench.crash("consumer", slow).await;
        bench.expect(&presses, (0, 3, 0), 0).await;
    }

    // The backend dies before the commit of its store.
    let presses = Presses::new(Route::HttpPoll, 2);
    let slow = bench.slow_commits("backend").await;
    bench.send(&presses).await;
    bench.crash("backend", slow).await;
    bench.expect(&presses, (0, 3, 0), 0).await;
}

async fn at_least_once(bench: &Bench) {
    bench.choose(Guarantee::AtLeastOnce).await;
    // The client has lost the answer, and sends again.
    let presses = Presses::new(Route::HttpPush, 3);
    bench.send(&presses).await;
    bench.send(&presses).await;
    bench.expect(&presses, (3, 0, 3), 2).await;

    // The consumer dies after the effects, and before the position has moved.
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = Presses::new(route, 3);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        bench.send(&presses).await;
        until("the effects are there", async || bench.balance(&presses).await.0 == 3).await;
        assert_eq!(bench.position(route).await, before, "{route}");
        bench.crash("consumer", slow).await;
        bench.expect(&presses, (3, 0, 3), 2).await;
    }
}

async fn effectively_once(bench: &Bench) {
    bench.choose(Guarantee::EffectivelyOnce).await;
    for route in Route::ALL {
        let presses = Presses::new(route, 4);
        bench.send(&presses).await;
        bench.send(&presses).await;
        bench.expect(&presses, (3, 0, 3), 1).await;
    }
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = Presses::new(route, 5);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        bench.send(&presses).await;
        // The effects and the position are there together or not at all.
        assert_eq!((bench.balance(&presses).await.0, bench.position(route).await), (0, before), "{route}");
        bench.crash("consumer", slow).await;
        bench.expect(&presses, (3, 0, 0), 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_at_most_once_doubled_at_least_once_and_neither_effectively_once() {
    let bench = Bench::start().await;
    effectively_once(&bench).await;
    at_most_once(&bench).await;
    at_least_once(&bench).await;
    // Back to the default while running: as if nothing had been.
    let presses = Presses::new(Route::Kafka, 6);
    bench.choose(Guarantee::EffectivelyOnce).await;
    bench.send(&presses).await;
    bench.send(&presses).await;
    bench.expect(&presses, (3, 0, 3), 1).await;
    bench.stack.stop().await;
}
