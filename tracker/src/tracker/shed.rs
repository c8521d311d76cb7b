//! A full queue: its oldest event that was never sent gives way, and is counted as shed.

use domain::{Route, Timestamp};
use uuid::Uuid;

use super::{Prepared, Tracker};
use crate::queue::{Entry, Limit};
use crate::tracker_event::{DeliveryStatus, TrackerEvent};

impl Tracker {
    /// Sheds until so many bytes fit; false if they never will.
    pub(super) fn make_room(&mut self, bytes: usize, now: Timestamp, events: &mut Vec<TrackerEvent>) -> bool {
        if !self.queue.could_take(bytes) {
            return false;
        }
        while !self.queue.has_room(bytes) {
            if !self.shed_oldest(now, events) {
                return false;
            }
        }
        true
    }

    /// Sheds the oldest event that was never sent; false if there is none. One that was sent may have arrived.
    fn shed_oldest(&mut self, now: Timestamp, events: &mut Vec<TrackerEvent>) -> bool {
        let tried = |route: Route| self.tried.get(route).copied().unwrap_or_default();
        let never_sent = |&(number, entry): &(u64, &Entry)| entry.pending.iter().all(|&route| number > tried(route));
        let oldest = self.queue.iter().find(never_sent);
        let oldest = oldest.map(|(number, entry)| (number, entry.id, entry.pending.clone()));
        let Some((number, id, routes)) = oldest else { return false };
        self.queue.remove(number);
        self.gone.insert(number);
        self.enter_shed(number, id, &routes, now, events);
        true
    }

    /// Sheds all that was never sent, and forgets the others.
    pub fn forget(&mut self, now: Timestamp) -> Vec<TrackerEvent> {
        let mut events = Vec::new();
        while self.shed_oldest(now, &mut events) {}
        let others: Vec<u64> = self.queue.iter().map(|(number, _)| number).collect();
        others.into_iter().for_each(|number| self.queue.remove(number));
        events
    }

    /// Counts an event as shed that nothing has room for.
    pub fn refuse(&mut self, prepared: Prepared, routes: &[Route], now: Timestamp) -> Vec<TrackerEvent> {
        let mut events = self.enter_emitted(&prepared, routes);
        self.enter_shed(prepared.number, prepared.id, routes, now, &mut events);
        events
    }

    fn enter_shed(&mut self, number: u64, id: Uuid, routes: &[Route], now: Timestamp, events: &mut Vec<TrackerEvent>) {
        for &route in routes {
            self.ledger.enter(route, |report| _ = report.shed.insert(number));
            events.push(TrackerEvent::Delivery { id, route, status: DeliveryStatus::Shed, at: now });
        }
    }
}

/// Sheds until all sessions of a page together are within the limit. Those of closed tabs, which are older, come first.
pub fn bound(trackers: &mut [Tracker], limit: Limit, now: Timestamp) -> Vec<TrackerEvent> {
    let mut events = Vec::new();
    let [own, adopted @ ..] = trackers else { return events };
    let too_much = |own: &Tracker, adopted: &[Tracker]| {
        let all = || adopted.iter().chain([own]).map(|tracker| &tracker.queue);
        all().map(|queue| queue.len()).sum::<usize>() > limit.events
            || all().map(|queue| queue.bytes()).sum::<usize>() > limit.bytes
    };
    while too_much(own, adopted) {
        let shed = adopted.iter_mut().any(|tracker| tracker.shed_oldest(now, &mut events));
        if !shed && !own.shed_oldest(now, &mut events) {
            break;
        }
    }
    events
}
