//! The three guarantees: lost here, doubled there, neither.
//!
//! Each crash comes at a moment that the test waits for; the fault `slow-commits` makes that moment long.

use std::cell::Cell;
use std::time::Duration;

use domain::api::faults::{FAULT_TOKEN, FaultRequest, FaultsView};
use domain::api::{GuaranteeView, UseCaseView};
use domain::{Guarantee, Route};
use lab::experiments::wire::Wire;
use lab::run::stack::Config;
use runtime::testing::until;
use sqlx::{AnyConnection, Connection};

use crate::Real;
use crate::client::Client;
use crate::metrics::scrape;

/// How long a slow commit takes.
const COMMIT_MS: u32 = 3000;
const TIMEOUT: Duration = Duration::from_secs(60);

struct Bench {
    real: Real,
    wire: Wire,
    /// How many clients there are.
    clients: Cell<u8>,
}

/// Three key presses of a client of their own, which make one alert.
struct Presses {
    route: Route,
    client: Client,
}

impl Bench {
    async fn start() -> Self {
        sqlx::any::install_default_drivers();
        let real = Real::start(|config| Config { faults: true, ..config }).await.unwrap();
        let wire = Wire::new(&real.stack.address(), None).unwrap();
        Self { real, wire, clients: Cell::default() }
    }

    /// Sets the guarantee of all routes as the page does, and waits until the services follow.
    async fn choose(&self, guarantee: Guarantee) {
        let faults: FaultsView = self.wire.get("/api/faults").await.unwrap();
        let url = format!("{}/api/guarantee", self.real.stack.address());
        let request = reqwest::Client::new().put(url).header(FAULT_TOKEN, faults.token);
        let answer = request.json(&guarantee.on_all_routes()).send().await.unwrap();
        let view: GuaranteeView = answer.error_for_status().unwrap().json().await.unwrap();
        assert_eq!(view.routes, guarantee.on_all_routes());
        for part in ["backend", "consumer"] {
            for route in Route::ALL {
                self.until_metric(part, &format!("ese_guarantee{{route=\"{route}\"}}"), f64::from(guarantee as u8))
                    .await;
            }
        }
    }

    async fn until_metric(&self, part: &str, name: &str, value: f64) {
        let is_met = async || scrape(&self.real.stack, part).await.1.get(name) == Some(&value);
        until(&format!("{part}: {name} is {value}"), is_met).await;
    }

    fn presses(&self, route: Route) -> Presses {
        self.clients.set(self.clients.get() + 1);
        Presses { route, client: Client::new(&self.real.stack, self.clients.get()) }
    }

    /// Waits for processed, lost and duplicates, and then for as many alerts, each with a mail of its own.
    async fn expect(&self, presses: &Presses, expected: (u64, u64, u64), alerts: usize) {
        let Presses { route, client } = presses;
        // As the page does.
        assert!(client.report(&[*route], 3).await);
        until(&format!("{route}: {expected:?}"), async || {
            let balance = client.balance(*route).await.unwrap();
            (balance.processed, balance.lost, balance.duplicates) == expected && balance.residual == 0
        })
        .await;
        // Alerts are committed with the ledger.
        let view: UseCaseView = self.wire.get("/api/use-cases/steady-clicks").await.unwrap();
        let ip = client.ip.to_string();
        let made = view.results.iter().filter(|alert| alert.route == *route && alert.key == ip);
        assert_eq!(made.count(), alerts, "{route}: alerts");
        let seen_on = format!("Seen on route: {route}");
        until("each alert has its mail", async || {
            let mails = client.mails().await.unwrap();
            mails.iter().filter(|mail| mail.text.contains(&seen_on)).count() == alerts
        })
        .await;
    }

    /// Makes the commits of a part slow, from its next start on.
    async fn slow_commits(&self, part: &str) -> u64 {
        let parameters = [("commit_ms".to_owned(), COMMIT_MS)].into();
        let request = FaultRequest { parameters, ..FaultRequest::new("slow-commits", part) };
        let fault = self.real.stack.faults().start(request).await.unwrap();
        self.restart(part).await;
        fault.id
    }

    /// Kills a part and starts it again, at full speed.
    async fn crash(&self, part: &str, slow: u64) {
        self.kill(part).await;
        self.real.stack.faults().stop(slow).await.unwrap();
        self.restart(part).await;
    }

    async fn kill(&self, part: &str) {
        self.real.stack.parts().get(part).unwrap().kill().await.unwrap();
    }

    async fn restart(&self, part: &str) {
        self.real.stack.parts().get(part).unwrap().restart().await.unwrap();
        self.real.stack.until_ready(part, TIMEOUT).await.unwrap();
    }

    /// The sum of the positions of a route in the consumer's database.
    async fn position(&self, route: Route) -> i64 {
        let url = format!("sqlite://{}/consumer.db?mode=ro", self.real.data.path().display());
        let mut database = AnyConnection::connect(&url).await.unwrap();
        let sources = if route == Route::Kafka { "click-events/%" } else { "http-poll" };
        let sum = "SELECT CAST(COALESCE(SUM(next_position), 0) AS BIGINT) FROM positions WHERE source LIKE $1";
        sqlx::query_scalar(sum).bind(sources).fetch_one(&mut database).await.unwrap()
    }
}

impl Presses {
    /// Sends the presses; all must be accepted, or duplicates.
    async fn send(&self) {
        assert_eq!(self.client.post(self.route, &self.client.events(1..=3)).await, (200, 3), "{}", self.route);
    }

    async fn processed(&self) -> u64 {
        self.client.balance(self.route).await.unwrap().processed
    }
}

async fn at_most_once(bench: &Bench) {
    bench.choose(Guarantee::AtMostOnce).await;
    // The backend answers, and then its forward finds no consumer.
    let presses = bench.presses(Route::HttpPush);
    bench.kill("consumer").await;
    presses.send().await;
    bench.until_metric("backend", "ese_queue_bytes{route=\"http-push\"}", 0.0).await;
    bench.restart("consumer").await;
    bench.expect(&presses, (0, 3, 0), 0).await;

    // The consumer dies after the position has moved, and before the effects.
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = bench.presses(route);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        presses.send().await;
        until("the position has moved", async || bench.position(route).await == before + 3).await;
        bench.crash("consumer", slow).await;
        bench.expect(&presses, (0, 3, 0), 0).await;
    }

    // The backend dies before the commit of its store.
    let presses = bench.presses(Route::HttpPoll);
    let slow = bench.slow_commits("backend").await;
    presses.send().await;
    bench.crash("backend", slow).await;
    bench.expect(&presses, (0, 3, 0), 0).await;
}

async fn at_least_once(bench: &Bench) {
    bench.choose(Guarantee::AtLeastOnce).await;
    // The client has lost the answer, and sends again.
    let presses = bench.presses(Route::HttpPush);
    presses.send().await;
    presses.send().await;
    bench.expect(&presses, (3, 0, 3), 2).await;

    // The consumer dies after the effects, and before the position has moved.
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = bench.presses(route);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        presses.send().await;
        until("the effects are there", async || presses.processed().await == 3).await;
        assert_eq!(bench.position(route).await, before, "{route}");
        bench.crash("consumer", slow).await;
        bench.expect(&presses, (3, 0, 3), 2).await;
    }
}

async fn effectively_once(bench: &Bench) {
    bench.choose(Guarantee::EffectivelyOnce).await;
    for route in Route::ALL {
        let presses = bench.presses(route);
        presses.send().await;
        presses.send().await;
        bench.expect(&presses, (3, 0, 3), 1).await;
    }
    for route in [Route::HttpPoll, Route::Kafka] {
        let presses = bench.presses(route);
        let slow = bench.slow_commits("consumer").await;
        let before = bench.position(route).await;
        presses.send().await;
        // The effects and the position are there together or not at all.
        assert_eq!((presses.processed().await, bench.position(route).await), (0, before), "{route}");
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
    let presses = bench.presses(Route::Kafka);
    bench.choose(Guarantee::EffectivelyOnce).await;
    presses.send().await;
    presses.send().await;
    bench.expect(&presses, (3, 0, 3), 1).await;
    bench.real.stack.stop().await;
}
