//! A session with its queue, its senders and its ledger; pure: `now`, ids and random numbers arrive as arguments.

mod answer;
mod shed;
mod status;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use domain::api::MAX_BODY_BYTES;
use domain::{ByRoute, EventType, Intervals, Route, RouteChoice, SessionId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

pub use answer::Answer;
pub use shed::bound;

use crate::buffering::{Gate, Pace};
use crate::client_ledger::ClientLedger;
use crate::json;
use crate::queue::{Entry, Limit, Queue};
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
    /// The last number that was sent on each route: up to there an event may have arrived, although no answer came.
    pub(crate) tried: ByRoute<u64>,
    /// The numbers that left the queue since the storage was last changed.
    pub(crate) gone: Intervals,
    pub(crate) written: Option<Written>,
}

/// An event with its number, before it is emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub time: Timestamp,
    /// The event in CloudEvents' JSON format.
    pub json: Arc<str>,
}

/// The last head of the session that was written to the storage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) version: u64,
    pub(crate) at: Timestamp,
    pub(crate) lease_ms: i64,
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
    /// A new session whose queue takes at most `limit`.
    pub fn new(session: SessionId, limit: Limit) -> Self {
        Self {
            session,
            last: 0,
            queue: Queue::new(limit),
            gate: Gate::default(),
            senders: Default::default(),
            troubles: Default::default(),
            ledger: ClientLedger::default(),
            tried: ByRoute::new(),
            gone: Intervals::default(),
            written: None,
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

    /// Numbers an event and puts it into the queue. A full queue sheds its oldest event for it.
    pub fn emit(
        &mut self,
        kind: impl Into<EventType>,
        data: Value,
        choice: RouteChoice,
        id: Uuid,
        now: Timestamp,
    ) -> Vec<TrackerEvent> {
        let prepared = self.prepare(kind.into().name(), &data.to_string(), id, now);
        self.admit(prepared, choice.routes(), now)
    }

    /// Numbers an event of any type with its data as JSON. It is emitted once it is admitted, in the order of the numbers.
    pub fn prepare(&mut self, kind: &str, data: &str, id: Uuid, now: Timestamp) -> Prepared {
        self.last += 1;
        let (number, session, traceparent) = (self.last, self.session, domain::event::traceparent(id));
        let kind = json::quoted(kind);
        // By hand: it takes a fifth of the time, and the code that reads and writes data of any shape is not downloaded.
        let json = format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/sessions/{session}\",\"type\":{kind},\
             \"time\":\"{now}\",\"sequence\":\"{number}\",\"traceparent\":\"{traceparent}\",\"data\":{data}}}"
        );
        Prepared { number, id, time: now, json: json.into() }
    }

    /// Emits an event that already has a number.
    pub fn admit(&mut self, prepared: Prepared, routes: &[Route], now: Timestamp) -> Vec<TrackerEvent> {
        self.last = self.last.max(prepared.number);
        let mut shed = Vec::new();
        if !self.make_room(prepared.json.len(), now, &mut shed) {
            shed.extend(self.refuse(prepared, routes, now));
            return shed;
        }
        let mut events = self.enter_emitted(&prepared, routes);
        let Prepared { number, id, time, json } = prepared;
        let queued = |&route| TrackerEvent::Delivery { id, route, status: DeliveryStatus::Queued, at: now };
        events.extend(routes.iter().map(queued));
        events.extend(shed);
        self.queue.push(number, Entry { id, time, json, pending: routes.to_vec(), sent: ByRoute::new() });
        self.gate.arrive(number, now);
        events
    }

    fn enter_emitted(&mut self, prepared: &Prepared, routes: &[Route]) -> Vec<TrackerEvent> {
        for &route in routes {
            self.ledger.enter(route, |report| _ = report.emitted.insert(prepared.number));
        }
        vec![TrackerEvent::Emitted { json: prepared.json.clone(), routes: routes.to_vec() }]
    }

    /// The next request to send now; call it until it returns none.
    pub fn next_request(&mut self, now: Timestamp) -> Option<(Request, Vec<TrackerEvent>)> {
        self.gate.pass(now);
        let free = Route::ALL.into_iter().filter(|&route| self.senders[route as usize].is_free(now));
        let (route, numbers) = free
            .map(|route| (route, self.pick(route, self.senders[route as usize].most_events(), MAX_BODY_BYTES)))
            .find(|(_, numbers)| !numbers.is_empty())?;
        self.sender(route).sent();
        Some(self.request(route, numbers, now))
    }

    /// The last requests of a page that closes, of at most `budget` bytes together. Their answers will not be read, so the
    /// next page sends these events again; events without an answer are among them.
    pub fn last_requests(&mut self, budget: &mut usize, now: Timestamp) -> Vec<Request> {
        self.gate.open();
        let mut requests = Vec::new();
        for route in Route::ALL {
            let numbers = self.pick(route, self.senders[route as usize].most_events(), *budget);
            let (request, _) = self.request(route, numbers, now);
            if !request.numbers.is_empty() && request.body.len() <= *budget {
                *budget -= request.body.len();
                requests.push(request);
            }
        }
        requests
    }

    fn pick(&self, route: Route, most_events: usize, most_bytes: usize) -> Vec<u64> {
        self.queue.pick(route, self.gate.open_to(), most_events, most_bytes)
    }

    fn request(&mut self, route: Route, numbers: Vec<u64>, now: Timestamp) -> (Request, Vec<TrackerEvent>) {
        let body = self.queue.body(&numbers);
        if let Some(&last) = numbers.last() {
            let tried = self.tried.get_or_default(route);
            *tried = last.max(*tried);
        }
        let mut events = Vec::with_capacity(numbers.len());
        for &number in &numbers {
            let Some(entry) = self.queue.get_mut(number) else { continue };
            if entry.sent.get(route).is_none() {
                entry.sent.insert(route, now);
            }
            let (id, status) = (entry.id, DeliveryStatus::Sent);
            events.push(TrackerEvent::Delivery { id, route, status, at: now });
        }
        (Request { session: self.session, route, numbers, body }, events)
    }

    /// When to call [`Tracker::next_request`] again, if an event or a report waits for a time.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let waits = |&(route, _): &(Route, &Sender)| !self.pick(route, 1, 0).is_empty();
        let senders =
            Route::ALL.into_iter().zip(&self.senders).filter(waits).filter_map(|(_, sender)| sender.free_at());
        senders.chain(self.gate.due_at()).chain(self.ledger.due_at()).min()
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
