//! A light client, for rates that the page's tracker is too heavy for: clicks alone, kept in memory, one request at a time for
//! each route.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::api::simulation::Sent;
use domain::api::{EventResult, Outcome, SessionReport, Wait};
use domain::event::Data;
use domain::ledger::Report;
use domain::{ByRoute, Event, Kind, Route, RouteChoice, SessionId, Source, Timestamp};
use futures_util::future::join_all;
use runtime::backoff::Backoff;
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracker::Answer;
use uuid::Uuid;

use super::clock::Clock;
use super::observer::Observer;
use super::setting::Setting;
use crate::experiments::wire::Wire;

/// About the bytes of a click as JSON, for the bound of the queue.
const CLICK_BYTES: usize = 256;
/// The first and the longest wait before events are sent again.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// A session with its connection.
pub(super) struct Light {
    pub(super) session: SessionId,
    wire: Wire,
    clock: Clock,
    report_every: Duration,
    most_queued: usize,
    most_events: usize,
    data: Data,
    senders: Vec<Sender>,
}

/// What goes over one route.
struct Sender {
    route: Route,
    /// Wakes it when there is an event to send.
    wake: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number and the moment of each event that waits.
    queue: VecDeque<(u64, Timestamp)>,
    report: Report,
}

impl Light {
    /// A new session that reports every `report_ms`.
    pub(super) fn new(wire: Wire, choice: RouteChoice, clock: Clock, setting: &Setting, report_ms: i64) -> Self {
        let sender = |&route: &Route| Sender { route, wake: Notify::new(), state: Mutex::default() };
        Self {
            session: SessionId(Uuid::now_v7()),
            wire,
            clock,
            report_every: Duration::from_millis(u64::try_from(report_ms).unwrap_or_default()),
            most_queued: setting.queue_bytes / CLICK_BYTES,
            most_events: setting.most_events,
            data: json!({ "button": "click-me" }).into(),
            senders: choice.routes().iter().map(sender).collect(),
        }
    }

    /// Numbers a click that was due at `at` and queues or sheds it. Never waits.
    pub(super) fn emit(&self, at: Timestamp) {
        for sender in &self.senders {
            let mut state = sender.lock();
            let number = state.report.emitted.last().unwrap_or_default() + 1;
            state.report.emitted.insert(number);
            if state.queue.len() < self.most_queued {
                state.queue.push_back((number, at));
                sender.wake.notify_one();
            } else {
                state.report.shed.insert(number);
            }
        }
    }

    /// Sends, retries and reports until `no_more` is cancelled and everything is answered and reported.
    pub(super) async fn run(&self, observer: &impl Observer, no_more: &CancellationToken) {
        let reporting = async {
            loop {
                sleep(self.report_every).await;
                self.report().await;
            }
        };
        tokio::select! {
            _ = join_all(self.senders.iter().map(|sender| self.send_all(sender, observer, no_more))) => {}
            () = reporting => {}
        }
        while !self.report().await {
            sleep(AGAIN[0]).await;
        }
    }

    async fn send_all(&self, sender: &Sender, observer: &impl Observer, no_more: &CancellationToken) {
        loop {
            let next = sender.next(self.most_events);
            if !next.is_empty() {
                self.deliver(sender, next, observer).await;
            } else if no_more.is_cancelled() {
                return;
            } else {
                tokio::select! {
                    () = sender.wake.notified() => {}
                    () = no_more.cancelled() => {}
                }
            }
        }
    }

    /// Sends these clicks until each is accepted or rejected.
    async fn deliver(&self, sender: &Sender, mut clicks: Vec<(u64, Timestamp)>, observer: &impl Observer) {
        let [first, longest] = AGAIN;
        let (sent, mut backoff) = (self.clock.now(), Backoff::new(first, longest));
        loop {
            let events: Vec<Event> = clicks.iter().map(|&(number, at)| self.click(number, at)).collect();
            let body = serde_json::to_vec(&events).unwrap_or_default();
            let (results, refused_ms) = match self.wire.post(RouteChoice::One(sender.route), body).await {
                Answer::Reply(reply) => (reply.results, 0),
                Answer::Refused(problem) => (problem.results, problem.retry_after_ms.unwrap_or_default()),
                Answer::Unreachable(_) => (Vec::new(), 0),
            };
            let now = self.clock.now();
            let accepted = |at| observer.accepted(sender.route, Wait::between(at, sent, now), now);
            let (again, after_ms) = sender.settle(clicks, &results, accepted);
            if again.is_empty() {
                return;
            }
            observer.refused(sender.route, "for now", again.len() as u64, now);
            sleep(backoff.next_wait().max(Duration::from_millis(after_ms.max(refused_ms)))).await;
            clicks = again;
        }
    }

    /// The same each time: an event that comes twice has one id.
    fn click(&self, number: u64, at: Timestamp) -> Event {
        let id = Uuid::from_u128(self.session.0.as_u128() ^ u128::from(number));
        let event = Event::new(id, Source::Session(self.session), Kind::ButtonClick, at);
        Event { sequence: Some(number), data: self.data.clone(), ..event }
    }

    async fn report(&self) -> bool {
        let routes = self.senders.iter().map(|sender| (sender.route, sender.lock().report.clone())).collect();
        self.wire.report(self.session, &SessionReport { routes, waits: ByRoute::default() }).await
    }

    /// Its counts for one route.
    pub(super) fn sent(&self, route: Route) -> Sent {
        let Some(sender) = self.senders.iter().find(|sender| sender.route == route) else { return Sent::default() };
        sender.lock().report.clone().into()
    }
}

impl Sender {
    /// The next clicks, at most so many.
    fn next(&self, most: usize) -> Vec<(u64, Timestamp)> {
        let queue = &mut self.lock().queue;
        let count = queue.len().min(most);
        queue.drain(..count).collect()
    }

    /// Notes the results of these clicks, which are in the same order. Returns those that are to be sent again, and after how
    /// many milliseconds.
    fn settle(
        &self,
        clicks: Vec<(u64, Timestamp)>,
        results: &[EventResult],
        accepted: impl Fn(Timestamp),
    ) -> (Vec<(u64, Timestamp)>, u64) {
        let (mut again, mut after, mut state) = (Vec::new(), 0, self.lock());
        for (index, (number, at)) in clicks.into_iter().enumerate() {
            match results.get(index).and_then(|result| result.routes.get(self.route)) {
                Some(Outcome::Accepted | Outcome::Duplicate) => {
                    state.report.accepted.insert(number);
                    accepted(at);
                }
                Some(Outcome::Rejected { .. }) => {
                    state.report.rejected.insert(number);
                }
                Some(Outcome::Retry { after_ms, .. }) => {
                    after = after.max(*after_ms);
                    again.push((number, at));
                }
                None => again.push((number, at)),
            }
        }
        (again, after)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic of another task ends the simulation with its own message.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
