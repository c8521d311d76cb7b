//! One simulated client: the page's own tracker, driven natively.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::api::SessionReport;
use domain::api::simulation::Sent;
use domain::{Route, RouteChoice, SessionId, Timestamp};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tracker::client_ledger::REPORT_EVERY_MS;
use tracker::{Answer, DeliveryStatus, Pace, Request, Tracker, TrackerEvent};
use uuid::Uuid;

use super::clock::Clock;
use super::plan::Action;
use super::times::Distribution;
use crate::experiments::wire::Wire;

/// An event waits for others of its batch for this time, and for this many at most.
const COALESCE: Pace = Pace::Buffered { events: 100, millis: 50 };

/// A session with its connection.
pub(super) struct Client {
    pub(super) session: SessionId,
    choice: RouteChoice,
    wire: Wire,
    clock: Clock,
    inner: Mutex<Inner>,
    /// Wakes the client when there is an event to send.
    wake: Notify,
}

struct Inner {
    tracker: Tracker,
    /// Events without an answer on every route: when each was due, and how many routes are left.
    waiting: HashMap<Uuid, (Timestamp, usize)>,
}

/// An answered request.
enum Answered {
    Batch(Request, Answer),
    Report { version: u64, acknowledged: bool },
}

/// A request to be sent.
enum Outgoing {
    Batch(Request),
    Report { version: u64, report: Box<SessionReport> },
}

impl Client {
    /// A new session whose queue takes `queue` bytes and that reports at most every `report_ms`.
    pub(super) fn new(wire: Wire, choice: RouteChoice, clock: Clock, queue: usize, report_ms: i64) -> Self {
        let session = SessionId(Uuid::now_v7());
        let mut tracker = Tracker::new(session, queue);
        tracker.set_pace(COALESCE, clock.now());
        tracker.ledger.report_every(report_ms);
        let inner = Mutex::new(Inner { tracker, waiting: HashMap::new() });
        Self { session, choice, wire, clock, inner, wake: Notify::new() }
    }

    /// Numbers an event that was due at `at` and queues or sheds it. Never waits.
    pub(super) fn emit(&self, action: Action, at: Timestamp, run: &str) {
        let (kind, data) = action.event(run);
        let id = Uuid::now_v7();
        let mut inner = self.lock();
        let events = inner.tracker.emit(kind, data, self.choice, id, at);
        if !events.iter().any(|event| matches!(event, TrackerEvent::Delivery { status: DeliveryStatus::Shed, .. })) {
            inner.waiting.insert(id, (at, self.choice.routes().len()));
        }
        drop(inner);
        self.wake.notify_one();
    }

    /// Sends, retries and reports until `no_more` is cancelled and everything is answered and reported; `latencies` by
    /// route.
    pub(super) async fn run(&self, latencies: &[Distribution; 3], no_more: &CancellationToken) {
        let mut under_way = FuturesUnordered::new();
        let mut ending = false;
        loop {
            let (outgoing, wake_at) = self.due();
            under_way.extend(outgoing.into_iter().map(|outgoing| self.go(outgoing)));
            if ending && under_way.is_empty() && self.lock().tracker.is_done() {
                return;
            }
            let alarm = async {
                match wake_at {
                    Some(at) => sleep_until(self.clock.instant(at)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(ended) = under_way.next() => self.take_in(ended, latencies),
                () = self.wake.notified() => (),
                () = alarm => (),
                () = no_more.cancelled(), if !ending => {
                    ending = true;
                    self.lock().tracker.ledger.report_every(REPORT_EVERY_MS);
                }
            }
        }
    }

    /// The requests that may be sent now, and when to ask again.
    fn due(&self) -> (Vec<Outgoing>, Option<Timestamp>) {
        let now = self.clock.now();
        let mut inner = self.lock();
        let mut outgoing = Vec::new();
        while let Some((request, _)) = inner.tracker.next_request(now) {
            outgoing.push(Outgoing::Batch(request));
        }
        if let Some((version, report)) = inner.tracker.ledger.due(now) {
            outgoing.push(Outgoing::Report { version, report: Box::new(report) });
        }
        (outgoing, inner.tracker.wake_at())
    }

    async fn go(&self, outgoing: Outgoing) -> Answered {
        match outgoing {
            Outgoing::Batch(mut request) => {
                let body = std::mem::take(&mut request.body);
                let answer = self.wire.post(RouteChoice::One(request.route), body).await;
                Answered::Batch(request, answer)
            }
            Outgoing::Report { version, report } => {
                Answered::Report { version, acknowledged: self.wire.report(self.session, &report).await }
            }
        }
    }

    fn take_in(&self, ended: Answered, latencies: &[Distribution; 3]) {
        let now = self.clock.now();
        let mut inner = self.lock();
        let Inner { tracker, waiting } = &mut *inner;
        match ended {
            Answered::Report { version, acknowledged } => tracker.ledger.report_ended(version, acknowledged, now),
            Answered::Batch(request, answer) => {
                for event in tracker.answered(&request, answer, rand::random(), now) {
                    let TrackerEvent::Delivery { id, route, status, .. } = event else { continue };
                    let taken = matches!(status, DeliveryStatus::Accepted | DeliveryStatus::Duplicate);
                    if !taken && !matches!(status, DeliveryStatus::Rejected { .. }) {
                        continue;
                    }
                    let Some((due, left)) = waiting.get_mut(&id) else { continue };
                    if taken {
                        let micros = now.micros().saturating_sub(due.micros());
                        latencies[route as usize].add(Duration::from_micros(u64::try_from(micros).unwrap_or(0)));
                    }
                    *left -= 1;
                    if *left == 0 {
                        waiting.remove(&id);
                    }
                }
            }
        }
    }

    /// Its counts for one route.
    pub(super) fn sent(&self, route: Route) -> Sent {
        let inner = self.lock();
        let report = inner.tracker.ledger.route(route).cloned().unwrap_or_default();
        let (accepted, rejected, shed) = (report.accepted.len(), report.rejected.len(), report.shed.len());
        let emitted = report.emitted.len();
        Sent { emitted, accepted, rejected, shed, waiting: emitted - accepted - rejected - shed, latency: None }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic of another task ends the simulation with its own message.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
