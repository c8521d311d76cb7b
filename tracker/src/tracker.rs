//! A session with its queue, its senders and its ledger; pure: `now`, ids and random numbers arrive as arguments.

mod answer;
mod status;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use domain::{ByRoute, Event, EventType, Intervals, Route, RouteChoice, SessionId, Source, Timestamp};
use serde_json::Value;
use uuid::Uuid;

pub use answer::Answer;

use crate::buffering::{Gate, Pace};
use crate::client_ledger::ClientLedger;
use crate::queue::{Entry, Queue};
use crate::sender::Sender;
use crate::tracker_event::{DeliveryStatus, TrackerEvent, Trouble};

/// One session.
#[derive(Clone, Debug)]
pub struct Tracker {
    session: SessionId,
    last: u64,
    queue: Queue,
    gate: Gate,
    /// One for each route: a route that is slow or refuses delays no other.
    senders: [Sender; 3],
    troubles: [Option<Trouble>; 3],
    /// The client's side of the ledger.
    pub ledger: ClientLedger,
    /// The numbers whose entries changed since the last save.
    pub(crate) changed: Intervals,
    /// Why the last save failed, if it did.
    pub(crate) unsaved: Option<String>,
}

/// A batch to POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose events.
    pub session: SessionId,
    /// For `?route=`.
    pub route: Route,
    /// The numbers of the events, ascending.
    pub numbers: Vec<u64>,
    /// CloudEvents as a JSON array.
    pub body: String,
}

impl Tracker {
    /// A new session whose queue takes `limit` bytes.
    pub fn new(session: SessionId, limit: usize) -> Self {
        Self {
            session,
            last: 0,
            queue: Queue::new(limit),
            gate: Gate::default(),
            senders: Default::default(),
            troubles: Default::default(),
            ledger: ClientLedger::default(),
            changed: Intervals::default(),
            unsaved: None,
        }
    }

    /// Whose events these are.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Whether everything is sent and reported.
    pub fn is_done(&self) -> bool {
        self.queue.is_empty() && self.ledger.is_reported()
    }

    /// Numbers an event and puts it into the queue, or sheds it if the queue is full.
    pub fn emit(
        &mut self,
        kind: impl Into<EventType>,
        data: Value,
        choice: RouteChoice,
        id: Uuid,
        now: Timestamp,
    ) -> Vec<TrackerEvent> {
        self.last += 1;
        let event = Event {
            sequence: Some(self.last),
            traceparent: Some(domain::event::traceparent(id)),
            data: data.into(),
            ..Event::new(id, Source::Session(self.session), kind, now)
        };
        self.admit(self.last, Arc::new(event), choice.routes(), now)
    }

    /// Queues an event that already has a number.
    pub(crate) fn admit(
        &mut self,
        number: u64,
        event: Arc<Event>,
        routes: &[Route],
        now: Timestamp,
    ) -> Vec<TrackerEvent> {
        self.last = self.last.max(number);
        let entry = Entry { event: event.clone(), pending: routes.to_vec(), sent: ByRoute::new() };
        let taken = self.queue.push(number, entry).is_ok();
        if taken {
            self.gate.arrive(number, now);
            self.changed.insert(number);
        }
        let status = if taken { DeliveryStatus::Queued } else { DeliveryStatus::Shed };
        let mut events = vec![TrackerEvent::Emitted { event: event.clone(), routes: routes.to_vec() }];
        for &route in routes {
            self.ledger.enter(route, |report| {
                report.emitted.insert(number);
                if !taken {
                    report.shed.insert(number);
                }
            });
            events.push(TrackerEvent::Delivery { id: event.id, route, status: status.clone(), at: now });
        }
        events
    }

    /// The next request to send now; call it until it returns none.
    pub fn next_request(&mut self, now: Timestamp) -> Option<(Request, Vec<TrackerEvent>)> {
        self.gate.pass(now);
        for (route, sender) in Route::ALL.into_iter().zip(&mut self.senders) {
            if !sender.is_free(now) {
                continue;
            }
            let numbers = self.queue.pick(route, self.gate.open_to(), sender.most_events());
            if numbers.is_empty() {
                continue;
            }
            sender.sent();
            let body = self.queue.body(&numbers);
            let mut events = Vec::with_capacity(numbers.len());
            for &number in &numbers {
                let Some(entry) = self.queue.get_mut(number) else { continue };
                if entry.sent.get(route).is_none() {
                    entry.sent.insert(route, now);
                }
                let (id, status) = (entry.event.id, DeliveryStatus::Sent);
                events.push(TrackerEvent::Delivery { id, route, status, at: now });
            }
            return Some((Request { session: self.session, route, numbers, body }, events));
        }
        None
    }

    /// When to call [`Tracker::next_request`] again, if an event or a report waits for a time.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let waits = |&(route, _): &(Route, &Sender)| !self.queue.pick(route, self.gate.open_to(), 1).is_empty();
        let senders =
            Route::ALL.into_iter().zip(&self.senders).filter(waits).filter_map(|(_, sender)| sender.free_at());
        senders.chain(self.gate.due_at()).chain(self.ledger.due_at()).min()
    }

    /// An entry of the queue.
    pub(crate) fn entry(&self, number: u64) -> Option<&Entry> {
        self.queue.get(number)
    }

    /// Sets the pace of sending.
    pub fn set_pace(&mut self, pace: Pace, now: Timestamp) {
        self.gate.set(pace, now);
    }

    /// From now on no request carries more events.
    pub fn limit_requests(&mut self, events: usize) {
        self.senders.iter_mut().for_each(|sender| sender.limit(events));
    }

    /// Sends held events now, and retries now.
    pub fn flush_now(&mut self) {
        self.gate.open();
        self.senders.iter_mut().for_each(Sender::flush_now);
    }

    fn sender(&mut self, route: Route) -> &mut Sender {
        &mut self.senders[route as usize]
    }
}
