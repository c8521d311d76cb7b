//! The senders of a load: an open loop that waits for no answer. Each is the product's own tracker, or one that never tries
//! again.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::{Event, Intervals, Route, RouteChoice, SessionId, Source};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use verdict::scenario::Load;

use super::one_try::OneTry;
use super::plan::Slot;
use super::recorder::Recorder;
use crate::experiments::simulate::Setting;
use crate::experiments::simulate::client::Client;
use crate::experiments::simulate::clients::{own_address, raise_file_limit};
use crate::experiments::simulate::clock::Clock;
use crate::experiments::wire::Wire;

/// How long an event waits for others where a request may have several.
const GATHER_MS: u32 = 50;
/// The bytes of events that a sender keeps: enough for every scenario's longest outage.
const QUEUE_BYTES: usize = 64 << 20;
/// How often a sender reports to the ledger, at most.
const REPORT_MS: i64 = 1000;
/// How long nothing may be accepted after the load's end until the senders stop trying: longer than their longest backoff and
/// the longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long they may try at all.
const DEADLINE: Duration = Duration::from_secs(300);
/// The time between two looks at the count of accepted events.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// All senders of a run.
pub(super) struct Senders {
    /// The senders that try again. A load has only these, or only the others.
    trackers: Vec<Arc<Client>>,
    /// The senders that never try again.
    one_tries: Vec<Arc<OneTry>>,
    pub(super) clock: Clock,
    recorder: Arc<Recorder>,
    /// How late each event was emitted, in microseconds.
    lateness: Mutex<Vec<u64>>,
    /// Whether requests reach the front door.
    pub(super) online: Arc<AtomicBool>,
}

impl Senders {
    /// Makes the senders; nothing is sent yet.
    pub(super) fn new(target: &str, route: Route, load: &Load, recorder: Arc<Recorder>) -> anyhow::Result<Self> {
        raise_file_limit();
        let (clock, online) = (Clock::start(), Arc::new(AtomicBool::new(true)));
        let setting = Setting {
            queue_bytes: QUEUE_BYTES,
            linger_ms: if load.batch > 1 { GATHER_MS } else { 0 },
            most_events: load.batch as usize,
            online: online.clone(),
            ..Setting::new(target.to_owned())
        };
        let (mut trackers, mut one_tries) = (Vec::new(), Vec::new());
        for number in 0..load.clients {
            let wire = Wire::new(target, own_address(target, number))?;
            if load.retry {
                let client = Client::new(wire, RouteChoice::One(route), clock, &setting, REPORT_MS);
                trackers.push(Arc::new(client));
            } else {
                one_tries.push(Arc::new(OneTry::new(wire, route, clock)));
            }
        }
        Ok(Self { trackers, one_tries, clock, recorder, lateness: Mutex::default(), online })
    }

    /// The sessions, one for each sender.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        let trackers = self.trackers.iter().map(|client| client.session);
        trackers.chain(self.one_tries.iter().map(|sender| sender.session)).collect()
    }

    /// Sends all events when they are due, from `start` on this clock. Returns when each is answered and reported, or given up,
    /// or when the time for that is over.
    pub(super) async fn run(&self, slots: &[Slot], bytes: u32, start: Duration) -> anyhow::Result<()> {
        let (no_more, mut running) = (CancellationToken::new(), JoinSet::new());
        for client in &self.trackers {
            let (client, recorder, no_more) = (client.clone(), self.recorder.clone(), no_more.clone());
            running.spawn(async move { client.run(&*recorder, &no_more).await });
        }
        let sessions = self.sessions();
        for slot in slots {
            let due = start + slot.at;
            if self.clock.elapsed() < due {
                tokio::time::sleep_until(self.clock.instant_after(due)).await;
            }
            let late = self.clock.elapsed().saturating_sub(due).as_micros() as u64;
            self.lateness.lock().unwrap_or_else(PoisonError::into_inner).push(late);
            let (at, (kind, data)) = (self.clock.after(due), slot.event(bytes));
            let number = self.recorder.due(sessions[slot.client], at);
            if let Some(client) = self.trackers.get(slot.client) {
                client.emit(kind, data, at);
                continue;
            }
            let sender = self.one_tries[slot.client].clone();
            let (recorder, online) = (self.recorder.clone(), self.online.clone());
            let event = Event::new(Uuid::now_v7(), Source::Session(sender.session), kind, at);
            let event = Event { sequence: Some(number), data: data.into(), ..event };
            running.spawn(async move { sender.send(&event, &online, &recorder).await });
        }
        no_more.cancel();
        let all = async {
            while let Some(ended) = running.join_next().await {
                ended?;
            }
            for sender in &self.one_tries {
                sender.report().await;
            }
            anyhow::Ok(())
        };
        tokio::select! {
            ended = all => ended,
            // Events that are still not accepted are lost.
            () = self.until_nothing_is_accepted() => Ok(()),
        }
    }

    async fn until_nothing_is_accepted(&self) {
        let (mut last, began, mut since) = (0, Instant::now(), Instant::now());
        while since.elapsed() < PATIENCE && began.elapsed() < DEADLINE {
            tokio::time::sleep(LOOK_EVERY).await;
            let accepted = self.recorder.lock().accepted.len();
            if accepted != last {
                (last, since) = (accepted, Instant::now());
            }
        }
    }

    /// How many events were given up.
    pub(super) fn given_up(&self) -> u64 {
        self.one_tries.iter().map(|sender| sender.given_up()).sum()
    }

    /// Reports the events that were given up as dropped, but not those that were processed nevertheless.
    pub(super) async fn drop_given_up(&self, seen: &[(SessionId, Intervals)]) {
        for sender in &self.one_tries {
            let seen = seen.iter().find(|(session, _)| *session == sender.session);
            sender.drop_given_up(&seen.map(|(_, seen)| seen.clone()).unwrap_or_default()).await;
        }
    }

    /// How late each event was emitted, in microseconds.
    pub(super) fn lateness(&self) -> Vec<u64> {
        self.lateness.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
