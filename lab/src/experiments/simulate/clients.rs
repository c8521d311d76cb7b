//! All clients together: the schedule, which waits for no answer, and the end.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::api::simulation::{Parameters, Phase, Progress, Sent, Summary};
use domain::{ByRoute, Route, SessionId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::any_client::{AnyClient, is_light};
use super::clock::Clock;
use super::follow;
use super::plan::{Action, Plan};
use super::setting::Setting;
use super::settle;
use super::times::{Delays, Distribution};
use crate::experiments::wire::Wire;

/// The most reports a second of all clients together: each is a transaction of the consumer.
const REPORTS_A_SECOND: i64 = 20;
/// The number of open files that is enough for any simulation.
const FILES: u64 = 16_384;

/// One simulation.
pub struct Clients {
    parameters: Parameters,
    seed: u32,
    setting: Setting,
    clock: Clock,
    clients: Vec<Arc<AnyClient>>,
    delays: Arc<Delays>,
    lateness: Distribution,
    settling: AtomicBool,
    created: AtomicU64,
    bursts: AtomicU64,
    /// Orders created and not, or not yet, completed.
    orders_open: AtomicU64,
}

impl Clients {
    /// Makes the clients; nothing is sent yet. Fails if the parameters are out of bounds or a client has no address.
    pub fn new(parameters: Parameters, setting: Setting) -> anyhow::Result<Self> {
        parameters.check_in_terminal()?;
        let seed = parameters.seed.unwrap_or_else(rand::random);
        let clock = Clock::start();
        raise_file_limit();
        let report_ms =
            (i64::from(parameters.clients) * 1000 / REPORTS_A_SECOND).max(tracker::client_ledger::REPORT_EVERY_MS);
        let client = |number| {
            let wire = Wire::with(&setting.target, own_address(&setting.target, number), setting.headers.clone())?;
            Ok(Arc::new(AnyClient::new(wire, &parameters, clock, &setting, report_ms)))
        };
        Ok(Self {
            parameters: Parameters { seed: Some(seed), ..parameters },
            seed,
            clients: (0..parameters.clients).map(client).collect::<anyhow::Result<_>>()?,
            setting,
            clock,
            delays: Arc::new(Delays::new()?),
            lateness: Distribution::new()?,
            settling: AtomicBool::new(false),
            created: AtomicU64::new(0),
            bursts: AtomicU64::new(0),
            orders_open: AtomicU64::new(0),
        })
    }

    /// The parameters with the seed.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Simulates until the end of the plan or `stop`, waits until all events are in the ledger, and sums up.
    pub async fn run(&self, stop: &CancellationToken) -> Summary {
        let no_more = CancellationToken::new();
        let mut running = JoinSet::new();
        for client in &self.clients {
            let (client, delays, no_more) = (client.clone(), self.delays.clone(), no_more.clone());
            running.spawn(async move { client.run(&delays, &no_more).await });
        }
        // It ends when the set is dropped.
        let mut following = JoinSet::new();
        following.spawn(follow::follow(self.setting.clone(), self.clients.clone(), self.delays.clone()));
        let stopped = self.emit_all(stop).await;
        let emitted_for = self.clock.elapsed();
        self.settling.store(true, Ordering::Relaxed);
        no_more.cancel();

        let deadline = tokio::time::Instant::now() + self.setting.settle;
        let panicked = tokio::time::timeout_at(deadline, async {
            let mut panicked = false;
            while let Some(ended) = running.join_next().await {
                panicked |= ended.is_err();
            }
            panicked
        });
        let panicked = panicked.await.unwrap_or(false);
        let sessions: Vec<SessionId> = self.clients.iter().map(|client| client.session()).collect();
        let routes = self.routes();
        let mut settled = settle::settle(&self.setting, &sessions, &routes, deadline).await;
        if panicked {
            settled.failures.push("A client ended by a fault of its own.".to_owned());
        }
        Summary {
            parameters: self.parameters,
            stopped,
            emitting_seconds: emitted_for.as_secs_f64(),
            settling_seconds: (self.clock.elapsed() - emitted_for).as_secs_f64(),
            created: self.created.load(Ordering::Relaxed),
            bursts: self.bursts.load(Ordering::Relaxed),
            orders_left: self.orders_open.load(Ordering::Relaxed),
            lateness: self.lateness.times(),
            queued: self.delays.queued.times(),
            routes,
            ledger: settled.ledger,
            failures: settled.failures,
        }
    }

    /// Emits each event when it is due, or as soon as possible afterwards; returns whether it was stopped.
    ///
    /// The schedule never waits for an answer, and the time in the queue counts from the moment when an event was due.
    /// Otherwise a slow system would get fewer requests and look better than it is. Gil Tene calls that coordinated
    /// omission ("How NOT to Measure Latency", 2013).
    async fn emit_all(&self, stop: &CancellationToken) -> bool {
        let run = Uuid::now_v7().simple().to_string().split_off(26);
        for slot in Plan::new(self.parameters, self.seed) {
            if self.clock.elapsed() < slot.at {
                tokio::select! {
                    () = tokio::time::sleep_until(self.clock.instant_after(slot.at)) => (),
                    () = stop.cancelled() => return true,
                }
            } else if stop.is_cancelled() {
                return true;
            }
            self.lateness.add(self.clock.elapsed().saturating_sub(slot.at));
            self.clients[slot.client].act(slot.action, &run, self.clock.after(slot.at));
            self.count(slot.action);
        }
        false
    }

    fn count(&self, action: Action) {
        self.created.fetch_add(1, Ordering::Relaxed);
        if is_light(&self.parameters) {
            return;
        }
        if action == (Action::Press { ends_burst: true }) {
            self.bursts.fetch_add(1, Ordering::Relaxed);
        }
        if action.creates() {
            self.orders_open.fetch_add(1, Ordering::Relaxed);
        } else if action.completes() {
            self.orders_open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The progress.
    pub fn progress(&self) -> Progress {
        Progress {
            parameters: self.parameters,
            phase: if self.settling.load(Ordering::Relaxed) { Phase::Settling } else { Phase::Emitting },
            elapsed_seconds: self.clock.elapsed().as_secs_f64(),
            created: self.created.load(Ordering::Relaxed),
            routes: self.routes(),
        }
    }

    fn routes(&self) -> ByRoute<Sent> {
        let sum = |route: Route| {
            let begin = Sent {
                until_accepted: self.delays.until_accepted[route as usize].times(),
                until_processed: self.delays.until_processed[route as usize].times(),
                ..Sent::default()
            };
            self.clients.iter().map(|client| client.sent(route)).fold(begin, |sum, one| Sent {
                emitted: sum.emitted + one.emitted,
                accepted: sum.accepted + one.accepted,
                rejected: sum.rejected + one.rejected,
                shed: sum.shed + one.shed,
                waiting: sum.waiting + one.waiting,
                ..sum
            })
        };
        self.parameters.route.routes().iter().map(|&route| (route, sum(route))).collect()
    }
}

/// A loopback address for each client, which is the client's key for the rules. Towards another machine all clients
/// share the address of this one.
pub(in crate::experiments) fn own_address(target: &str, number: u32) -> Option<IpAddr> {
    let host = target.trim_start_matches("http://");
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let loopback = host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    let [.., high, low] = (number + 1).to_be_bytes();
    loopback.then_some(IpAddr::V4(Ipv4Addr::new(127, 1, high, low)))
}

/// Raises the limit of open files to the need of the simulation, where the system allows it.
pub(in crate::experiments) fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(FILES, |maximum| maximum.min(FILES));
    if current.is_some_and(|current| current < wanted) {
        // With a lower limit a connection fails, and its client tries again.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_each_client_has_an_address_of_its_own() {
        let addresses: std::collections::BTreeSet<_> =
            (0..500).filter_map(|number| own_address("http://localhost:8080", number)).collect();
        assert_eq!(addresses.len(), 500);
        assert!(addresses.iter().all(IpAddr::is_loopback));
        assert_eq!(own_address("http://127.0.0.1:8080", 0), Some(IpAddr::V4(Ipv4Addr::new(127, 1, 0, 1))));
        assert_eq!(own_address("http://10.0.0.7:8080", 0), None);
        assert_eq!(own_address("http://proxy", 0), None);
    }
}
