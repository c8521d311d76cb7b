//! The senders of a load: an open loop that waits for no answer. Each is the product's own tracker, or one that never tries
//! again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::api::{Outcome, Report, SessionReport, Wait};
use domain::intervals::Intervals;
use domain::{Event, Route, RouteChoice, SessionId, Source};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use verdict::scenario::Load;

use super::plan::Slot;
use super::recorder::Recorder;
use crate::experiments::simulate::Setting;
use crate::experiments::simulate::client::{Client, Observer};
use crate::experiments::simulate::clients::{own_address, raise_file_limit};
use crate::experiments::simulate::clock::Clock;
use crate::experiments::wire::Wire;

/// How long an event waits for others where a request may have several.
const GATHER_MS: u32 = 50;
/// The bytes of events that a sender keeps: enough for every scenario's longest outage.
const QUEUE_BYTES: usize = 64 << 20;
/// How often a sender reports to the ledger, at most.
const REPORT_MS: i64 = 1000;

/// All senders of a run.
pub(super) struct Senders {
    route: Route,
    senders: Vec<Sender>,
    clock: Clock,
    recorder: Arc<Recorder>,
    /// How late the generator was.
    lateness: Mutex<Vec<u64>>,
    /// Whether requests reach the front door.
    pub(super) online: Arc<AtomicBool>,
}

enum Sender {
    Tracker(Arc<Client>),
    OneTry(Arc<OneTry>),
}

/// A sender that gives a refused event up.
struct OneTry {
    session: SessionId,
    wire: Wire,
    accepted: Mutex<Intervals>,
}

impl Senders {
    /// Makes the senders; nothing is sent yet.
    pub(super) fn new(target: &str, route: Route, load: &Load, recorder: Arc<Recorder>) -> anyhow::Result<Self> {
        raise_file_limit();
        let (clock, online) = (Clock::start(), Arc::new(AtomicBool::new(true)));
        let linger_ms = if load.batch > 1 { GATHER_MS } else { 0 };
        let setting =
            Setting { queue_bytes: QUEUE_BYTES, linger_ms, online: online.clone(), ..Setting::new(target.to_owned()) };
        let sender = |number| {
            let wire = Wire::new(target, own_address(target, number))?;
            anyhow::Ok(if load.retry {
                let client = Client::new(wire, RouteChoice::One(route), clock, &setting, REPORT_MS);
                Sender::Tracker(Arc::new(client))
            } else {
                Sender::OneTry(Arc::new(OneTry {
                    session: SessionId(Uuid::now_v7()),
                    wire,
                    accepted: Mutex::default(),
                }))
            })
        };
        let senders = (0..load.clients).map(sender).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { route, senders, clock, recorder, lateness: Mutex::default(), online })
    }

    /// The sessions, one for each sender.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.senders.iter().map(Sender::session).collect()
    }

    /// Sends all events when they are due, from `start` on this clock; returns when each is answered and reported.
    pub(super) async fn run(&self, slots: &[Slot], bytes: u32, start: Duration) -> anyhow::Result<()> {
        let (no_more, mut running) = (CancellationToken::new(), JoinSet::new());
        for sender in &self.senders {
            if let Sender::Tracker(client) = sender {
                let (client, recorder, no_more) = (client.clone(), self.recorder.clone(), no_more.clone());
                running.spawn(async move { client.run(&*recorder, &no_more).await });
            }
        }
        for slot in slots {
            let due = start + slot.at;
            if self.clock.elapsed() < due {
                tokio::time::sleep_until(self.clock.instant_after(due)).await;
            }
            let late = u64::try_from(self.clock.elapsed().saturating_sub(due).as_micros()).unwrap_or(u64::MAX);
            self.lateness.lock().unwrap_or_else(PoisonError::into_inner).push(late);
            let (at, (kind, data)) = (self.clock.after(due), slot.event(bytes));
            let sender = &self.senders[slot.client];
            self.recorder.due(sender.session(), at);
            match sender {
                Sender::Tracker(client) => client.emit(kind, data, at),
                Sender::OneTry(sender) => {
                    let number = self.recorder.lock().due[&sender.session].len() as u64;
                    let source = Source::Session(sender.session);
                    let event = Event { sequence: Some(number), data, ..Event::new(Uuid::now_v7(), source, kind, at) };
                    let (sender, recorder, clock) = (sender.clone(), self.recorder.clone(), self.clock);
                    let (route, online) = (self.route, self.online.clone());
                    running.spawn(async move { sender.send(&event, route, &online, clock, &recorder).await });
                }
            }
        }
        no_more.cancel();
        while let Some(ended) = running.join_next().await {
            ended?;
        }
        for sender in &self.senders {
            if let Sender::OneTry(sender) = sender {
                let emitted = self.recorder.lock().due.get(&sender.session).map_or(0, Vec::len);
                sender.report(self.route, emitted as u64).await;
            }
        }
        Ok(())
    }

    /// How late each event was emitted, in microseconds.
    pub(super) fn lateness(&self) -> Vec<u64> {
        self.lateness.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The clock of the senders.
    pub(super) const fn clock(&self) -> Clock {
        self.clock
    }
}

impl Sender {
    fn session(&self) -> SessionId {
        match self {
            Self::Tracker(client) => client.session,
            Self::OneTry(sender) => sender.session,
        }
    }
}

impl OneTry {
    async fn send(&self, event: &Event, route: Route, online: &AtomicBool, clock: Clock, recorder: &Recorder) {
        let outcomes = match online.load(Ordering::Relaxed) {
            true => self.wire.send(RouteChoice::One(route), std::slice::from_ref(event)).await,
            false => [].into(),
        };
        let now = clock.now();
        match outcomes.get(&(event.id, route)) {
            Some(Outcome::Accepted | Outcome::Duplicate) => {
                let wait = Wait::between(event.time, event.time, now);
                recorder.accepted(route, wait, now);
                let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
                accepted.insert(event.sequence.unwrap_or_default());
            }
            _ => recorder.refused(route, "given up", 1, now),
        }
    }

    async fn report(&self, route: Route, emitted: u64) {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let report = Report { emitted: (1..=emitted).collect(), accepted, ..Report::default() };
        let report = SessionReport { routes: [(route, report)].into(), ..SessionReport::default() };
        while !self.wire.report(self.session, &report).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
