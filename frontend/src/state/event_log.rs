//! The log: the latest events, newest first, each found by its id.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use domain::api::{Processed, SessionView};
use domain::{Event, Route, SessionId, Timestamp};
use tracker::DeliveryStatus;
use uuid::Uuid;

use super::event_row::{EventCopy, EventRow};
use crate::sorted::{SortedMap, sorted};

/// The number of rows kept of this page, and the number kept of others.
const LIMIT: usize = 500;

/// The latest events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventLog {
    /// Newest first, each with its place in the order of all rows.
    mine: VecDeque<(u64, Uuid)>,
    theirs: VecDeque<(u64, Uuid)>,
    last_place: u64,
    rows: SortedMap<Uuid, Arc<EventRow>>,
    /// The number of events of others that the stream showed.
    others: u64,
}

impl EventLog {
    /// Adds an event of this page.
    pub fn emitted(&mut self, event: &Arc<Event>, routes: &[Route]) {
        let mut row = EventRow::of(event);
        routes.iter().for_each(|&route| _ = row.copy(route));
        self.put(row);
    }

    /// Applies the delivery status of one route's copy.
    pub fn delivery(&mut self, id: Uuid, route: Route, status: DeliveryStatus, at: Timestamp) {
        if let Some(row) = self.rows.get_mut(&id) {
            Arc::make_mut(row).copy(route).delivery(status, at);
        }
    }

    /// Applies a processed copy from the live stream.
    pub fn processed(&mut self, event: &Processed) {
        if self.rows.get(&event.id).is_none() {
            self.others += 1;
            self.put(EventRow::from_live(event));
        }
        if let Some(row) = self.rows.get_mut(&event.id) {
            let row = Arc::make_mut(row);
            row.key.clone_from(&event.key);
            row.copy(event.route).processed(event);
        }
    }

    /// The session of an overdue event of this browser, if there is one: the stream shows a sample only, and may have been
    /// interrupted.
    pub fn overdue(&self, now: Timestamp) -> Option<SessionId> {
        let mut mine = self.mine.iter().filter_map(|(_, id)| self.rows.get(id));
        mine.find(|row| row.copies.iter().flatten().any(|copy| copy.is_overdue(now)))?.session
    }

    /// Marks the events of this page that the ledger has.
    pub fn settle(&mut self, ledgers: &[SessionView]) {
        for ledger in ledgers {
            let Some(seen) = &ledger.seen else { continue };
            for (_, id) in &self.mine {
                let Some(row) = self.rows.get_mut(id) else { continue };
                let is_meant = row.session == Some(ledger.session) && row.copies[ledger.route as usize].is_some();
                if is_meant && row.number.is_some_and(|number| seen.contains(number)) {
                    Arc::make_mut(row).copy(ledger.route).is_in_ledger();
                }
            }
        }
    }

    /// Whether this browser emitted an event.
    pub fn is_mine(&self, id: Uuid) -> bool {
        self.rows.get(&id).is_some_and(|row| row.mine)
    }

    fn put(&mut self, row: EventRow) {
        let (id, mut row) = (row.id, row);
        // The event of a closed tab was taken over, and the stream has shown it already.
        if let Some(known) = self.rows.remove(&id) {
            for (new, old) in row.copies.iter_mut().zip(known.copies.clone()) {
                *new = old.or(new.take());
            }
            self.mine.retain(|&(_, other)| other != id);
            self.theirs.retain(|&(_, other)| other != id);
        }
        self.last_place += 1;
        let order = if row.mine { &mut self.mine } else { &mut self.theirs };
        order.push_front((self.last_place, id));
        self.rows.insert(id, Arc::new(row));
        if order.len() > LIMIT
            && let Some((_, oldest)) = order.pop_back()
        {
            self.rows.remove(&oldest);
        }
    }

    /// All ids, newest first.
    fn newest_of_all(&self) -> impl Iterator<Item = Uuid> {
        let (mut mine, mut theirs) = (self.mine.iter().peekable(), self.theirs.iter().peekable());
        std::iter::from_fn(move || {
            let mine_is_next = match (mine.peek(), theirs.peek()) {
                (Some((mine, _)), Some((theirs, _))) => mine > theirs,
                (next, _) => next.is_some(),
            };
            if mine_is_next { mine.next() } else { theirs.next() }.map(|&(_, id)| id)
        })
    }

    /// One row.
    pub fn row(&self, id: Uuid) -> Option<Arc<EventRow>> {
        self.rows.get(&id).cloned()
    }

    /// The newest event of a session of this browser.
    pub fn newest_of(&self, session: SessionId) -> Option<Arc<EventRow>> {
        let mut mine = self.mine.iter().filter_map(|(_, id)| self.rows.get(id));
        mine.find(|row| row.session == Some(session)).cloned()
    }

    /// The ids of the newest rows, of this page only or of all.
    pub fn newest(&self, mine: bool, most: usize) -> Vec<Uuid> {
        match mine {
            true => self.mine.iter().take(most).map(|&(_, id)| id).collect(),
            false => self.newest_of_all().take(most).collect(),
        }
    }

    /// The ids of a session's rows, the largest number first.
    pub fn of_session(&self, session: SessionId) -> Vec<Uuid> {
        let rows = self.rows.entries().iter().map(|(_, row)| row).filter(|row| row.session == Some(session));
        sorted(rows.map(|row| (Reverse(row.number), row.id)), |&(number, _)| number)
            .into_iter()
            .map(|(_, id)| id)
            .collect()
    }

    /// The number of events of others that the stream has shown.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// The median of one time of these rows' copies on one route, in milliseconds.
    pub fn typical_ms(
        &self,
        rows: impl Iterator<Item = Uuid>,
        route: Route,
        time: fn(&EventCopy) -> Option<f64>,
    ) -> Option<f64> {
        let times = rows.filter_map(|id| time(self.rows.get(&id)?.copies[route as usize].as_ref()?));
        let times = sorted(times, |millis| (millis * 1000.0) as i64);
        times.get(times.len() / 2).copied()
    }

    /// How many of these rows' copies on one route were processed and have no time.
    pub fn untimed(&self, rows: impl Iterator<Item = Uuid>, route: Route) -> usize {
        let copies = rows.filter_map(|id| self.rows.get(&id)?.copies[route as usize].as_ref());
        copies.filter(|copy| copy.is_untimed()).count()
    }
}

#[cfg(test)]
mod tests {
    use domain::api::{Hops, Wait};
    use domain::ledger::Seen;
    use domain::{Kind, RouteChoice};
    use tracker::{Limit, Tracker, TrackerEvent};

    use super::super::event_row::CopyState;
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn processed(id: u128, route: Route, seen: Seen) -> Processed {
        let hops = Hops { emitted: at(0), received: Some(at(3)), arrived: at(5), processed: at(9) };
        Processed {
            id: Uuid::from_u128(id),
            session: None,
            sequence: None,
            route,
            kind: Kind::KeyPress.into(),
            data: None,
            key: "127.0.0.1".to_owned(),
            seen,
            hops,
            position: None,
            alert: None,
        }
    }

    fn emit(log: &mut EventLog, id: u128) {
        let mut tracker = Tracker::new(SessionId(Uuid::nil()), Limit::of_bytes(1000));
        let choice = RouteChoice::One(Route::Kafka);
        for event in tracker.emit(Kind::KeyPress, serde_json::json!({}), choice, Uuid::from_u128(id), at(0)) {
            match event {
                TrackerEvent::Emitted { json, routes } => {
                    log.emitted(&Arc::new(serde_json::from_str(&json).unwrap()), &routes);
                }
                TrackerEvent::Delivery { id, route, status, at } => log.delivery(id, route, status, at),
            }
        }
    }

    #[test]
    fn the_stream_may_be_faster_than_the_answer() {
        let mut log = EventLog::default();
        emit(&mut log, 1);
        let state = |log: &EventLog| log.row(Uuid::from_u128(1)).unwrap().copies[2].as_ref().unwrap().state;
        assert_eq!(state(&log), CopyState::Queued);
        log.delivery(Uuid::from_u128(1), Route::Kafka, DeliveryStatus::Sent, at(1));
        log.processed(&processed(1, Route::Kafka, Seen::New));
        log.delivery(Uuid::from_u128(1), Route::Kafka, DeliveryStatus::Accepted(Wait::default()), at(10));
        assert_eq!(state(&log), CopyState::Processed);
        let row = log.row(Uuid::from_u128(1)).unwrap();
        let copy = row.copies[2].as_ref().unwrap();
        assert_eq!((copy.answered, copy.again, row.slowest_ms()), (Some(at(10)), 0, 8.0));
        assert!(row.mine && row.copies[0].is_none());
        assert_eq!((copy.queued, copy.sent, copy.tries), (Some(at(0)), Some(at(1)), 1));
        assert_eq!((copy.queued_ms(), copy.accepted_ms(), copy.processed_ms()), (Some(1.0), Some(9.0), Some(8.0)));
        assert_eq!(row.queued_ms(), Some(1.0));
        assert_eq!(log.of_session(SessionId(Uuid::nil())), [row.id]);
        assert!(log.of_session(SessionId(Uuid::max())).is_empty());

        log.processed(&processed(1, Route::Kafka, Seen::Duplicate));
        assert_eq!(log.row(Uuid::from_u128(1)).unwrap().copies[2].as_ref().unwrap().again, 1);
    }

    #[test]
    fn an_event_of_a_closed_ledger_is_rejected_although_the_backend_accepted_it() {
        let mut log = EventLog::default();
        emit(&mut log, 1);
        log.processed(&processed(1, Route::Kafka, Seen::Refused));
        log.delivery(Uuid::from_u128(1), Route::Kafka, DeliveryStatus::Accepted(Wait::default()), at(10));
        let row = log.row(Uuid::from_u128(1)).unwrap();
        let copy = row.copies[2].as_ref().unwrap();
        assert_eq!((copy.state, copy.hops), (CopyState::Rejected, None));
        assert!(copy.reason.as_ref().is_some_and(|reason| reason.contains("too many gaps")), "{:?}", copy.reason);
    }

    #[test]
    fn the_ledger_settles_events_that_the_stream_left_out() {
        let mut log = EventLog::default();
        emit(&mut log, 1);
        log.delivery(Uuid::from_u128(1), Route::Kafka, DeliveryStatus::Accepted(Wait::default()), at(10));
        assert_eq!((log.overdue(at(3000)), log.overdue(at(3011))), (None, Some(SessionId(Uuid::nil()))));
        let copy = |log: &EventLog| log.row(Uuid::from_u128(1)).unwrap().copies[2].clone().unwrap();
        let mut ledger = SessionView {
            session: SessionId(Uuid::nil()),
            route: Route::Kafka,
            balance: Default::default(),
            numbered: 1,
            gaps: Default::default(),
            seen: Some(Default::default()),
            last_heard: None,
        };
        log.settle(&[ledger.clone()]);
        let untimed = |log: &EventLog, route| log.untimed(log.newest(true, 9).into_iter(), route);
        assert_eq!((copy(&log).state, untimed(&log, Route::Kafka)), (CopyState::Accepted, 0), "not there yet");
        ledger.seen = Some("1".parse().unwrap());
        log.settle(&[ledger]);
        assert_eq!((copy(&log).state, copy(&log).reason.is_some()), (CopyState::Processed, true));
        assert_eq!((untimed(&log, Route::Kafka), untimed(&log, Route::HttpPoll)), (1, 0));
        assert_eq!(log.overdue(at(9999)), None);
        log.processed(&processed(1, Route::Kafka, Seen::New));
        assert_eq!((copy(&log).hops.is_some(), copy(&log).reason), (true, None), "late, but shown");
        assert_eq!(untimed(&log, Route::Kafka), 0);
    }

    #[test]
    fn keeps_the_newest_and_separates_own_rows_from_others() {
        let mut log = EventLog::default();
        (1..=600).for_each(|id| log.processed(&processed(id, Route::HttpPush, Seen::New)));
        emit(&mut log, 1000);
        log.processed(&processed(601, Route::HttpPush, Seen::New));
        assert_eq!((log.theirs.len(), log.rows.entries().len(), log.others()), (LIMIT, LIMIT + 1, 601));
        assert_eq!(log.newest(true, 9), [Uuid::from_u128(1000)]);
        assert_eq!(log.newest(false, 3), [601, 1000, 600].map(Uuid::from_u128));
        let typical = |mine, route, time: fn(&EventCopy) -> Option<f64>| {
            log.typical_ms(log.newest(mine, 60).into_iter(), route, time)
        };
        assert_eq!(typical(false, Route::HttpPush, EventCopy::processed_ms), Some(6.0));
        assert_eq!(
            typical(true, Route::HttpPush, EventCopy::processed_ms),
            None,
            "rows that are not shown do not count"
        );
        assert_eq!(typical(false, Route::Kafka, EventCopy::accepted_ms), None);
        assert_eq!(log.newest_of(SessionId(Uuid::nil())).map(|row| row.id), Some(Uuid::from_u128(1000)));
        assert_eq!(log.newest_of(SessionId(Uuid::max())), None);

        (1001..=2000).for_each(|id| log.processed(&processed(id, Route::HttpPush, Seen::New)));
        assert_eq!(log.newest(true, 9), [Uuid::from_u128(1000)], "others do not displace it");
        emit(&mut log, 2000);
        assert_eq!(log.newest(true, 9), [2000, 1000].map(Uuid::from_u128), "taken over from a closed tab");
        assert_eq!(log.row(Uuid::from_u128(2000)).unwrap().copies.iter().flatten().count(), 2);
        assert_eq!(log.theirs.len(), LIMIT - 1);
    }
}
