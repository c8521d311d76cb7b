//! One simulated client: the page's own tracker, driven natively.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::api::simulation::Sent;
use domain::api::{Processed, SessionReport};
use domain::{ByRoute, Kind, Route, RouteChoice, SessionId, Timestamp};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tracker::client_ledger::REPORT_EVERY_MS;
use tracker::{Answer, DeliveryStatus, Limit, Pace, Request, Tracker, TrackerEvent};
use uuid::Uuid;

use super::clock::Clock;
use super::observer::Observer;
use super::setting::Setting;
use super::times::Delays;
use crate::experiments::wire::Wire;

/// How many events a lingering client waits for, at most.
const LINGER_EVENTS: u64 = 100;
/// How many events of a route are followed at a time until they are processed; others are not measured.
const FOLLOWED: usize = 1000;

/// By how many later events of its session an event may be overtaken and still be measured: Kafka has two topics.
const OVERTAKEN: u64 = 100;

/// A refusal in a word: its status, or the lack of one.
pub(in crate::experiments) fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Reply(_) => "for this event alone".to_owned(),
        Answer::Refused(problem) => problem.status.to_string(),
        Answer::Unreachable(_) => "no answer".to_owned(),
    }
}

/// A session with its connection.
pub(in crate::experiments) struct Client {
    pub(in crate::experiments) session: SessionId,
    choice: RouteChoice,
    wire: Wire,
    clock: Clock,
    inner: Mutex<Inner>,
    /// Wakes the client when there is an event to send.
    wake: Notify,
    /// Whether its requests reach the front door.
    online: Arc<AtomicBool>,
}

struct Inner {
    tracker: Tracker,
    /// When each number was first sent, until it is known to be processed.
    sent: ByRoute<BTreeMap<u64, Timestamp>>,
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
    /// A new session that reports at most every `report_ms`.
    pub(in crate::experiments) fn new(
        wire: Wire,
        choice: RouteChoice,
        clock: Clock,
        setting: &Setting,
        report_ms: i64,
    ) -> Self {
        let session = SessionId(Uuid::now_v7());
        let mut tracker = Tracker::new(session, Limit::of_bytes(setting.queue_bytes));
        if setting.linger_ms > 0 {
            let events = LINGER_EVENTS.min(setting.most_events as u64);
            tracker.set_pace(Pace::Buffered { events, millis: setting.linger_ms.into() }, clock.now());
        }
        tracker.limit_requests(setting.most_events);
        tracker.ledger.report_every(report_ms);
        let inner = Mutex::new(Inner { tracker, sent: ByRoute::new() });
        Self { session, choice, wire, clock, inner, wake: Notify::new(), online: setting.online.clone() }
    }

    /// Numbers an event that was due at `at` and queues or sheds it. Never waits.
    pub(in crate::experiments) fn emit(&self, kind: Kind, data: Value, at: Timestamp) {
        let id = Uuid::now_v7();
        self.lock().tracker.emit(kind, data, self.choice, id, at);
        self.wake.notify_one();
    }

    /// Sends, retries and reports until `no_more` is cancelled and everything is answered and reported.
    pub(in crate::experiments) async fn run(&self, observer: &impl Observer, no_more: &CancellationToken) {
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
                Some(ended) = under_way.next() => self.take_in(ended, observer),
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
        let Inner { tracker, sent } = &mut *inner;
        let mut outgoing = Vec::new();
        while let Some((request, _)) = tracker.next_request(now) {
            let sent = sent.get_or_default(request.route);
            for &number in &request.numbers {
                if sent.len() < FOLLOWED {
                    sent.entry(number).or_insert(now);
                }
            }
            outgoing.push(Outgoing::Batch(request));
        }
        if let Some((version, report)) = tracker.ledger.due(now) {
            outgoing.push(Outgoing::Report { version, report: Box::new(report) });
        }
        (outgoing, tracker.wake_at())
    }

    async fn go(&self, outgoing: Outgoing) -> Answered {
        match outgoing {
            Outgoing::Batch(mut request) => {
                let body = std::mem::take(&mut request.body);
                let answer = match self.online.load(Ordering::Relaxed) {
                    true => self.wire.post(RouteChoice::One(request.route), body).await,
                    false => Answer::Unreachable("the sender is offline".to_owned()),
                };
                Answered::Batch(request, answer)
            }
            Outgoing::Report { version, report } => {
                Answered::Report { version, acknowledged: self.wire.report(self.session, &report).await }
            }
        }
    }

    fn take_in(&self, ended: Answered, observer: &impl Observer) {
        let now = self.clock.now();
        let tracker = &mut self.lock().tracker;
        match ended {
            Answered::Report { version, acknowledged } => tracker.ledger.report_ended(version, acknowledged, now),
            Answered::Batch(request, answer) => {
                let reason = reason(&answer);
                let mut refused = 0;
                for event in tracker.answered(&request, answer, rand::random(), now) {
                    match event {
                        TrackerEvent::Delivery { status: DeliveryStatus::Accepted(wait), .. }
                        | TrackerEvent::Delivery { status: DeliveryStatus::Duplicate(wait), .. } => {
                            observer.accepted(request.route, wait, now);
                        }
                        TrackerEvent::Delivery { status: DeliveryStatus::Retry { .. }, .. } => refused += 1,
                        _ => {}
                    }
                }
                if refused > 0 {
                    observer.refused(request.route, &reason, refused, now);
                }
            }
        }
    }

    /// Measures an event that the live stream shows as processed.
    pub(super) fn processed(&self, event: &Processed, delays: &Delays) {
        let Some(number) = event.sequence else { return };
        let mut inner = self.lock();
        let sent = inner.sent.get_or_default(event.route);
        if let Some(first) = sent.remove(&number) {
            let micros = event.hops.processed.micros().saturating_sub(first.micros());
            let took = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
            delays.until_processed[event.route as usize].add(took);
        }
        // The stream does not show every event: those long before this one are processed, too.
        *sent = sent.split_off(&number.saturating_sub(OVERTAKEN));
    }

    /// Its counts for one route.
    pub(in crate::experiments) fn sent(&self, route: Route) -> Sent {
        let inner = self.lock();
        inner.tracker.ledger.route(route).cloned().unwrap_or_default().into()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic of another task ends the simulation with its own message.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
