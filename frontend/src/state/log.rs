//! The log: the latest events, newest first, each found by its id.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use domain::api::Processed;
use domain::{Event, Route, SessionId, Timestamp};
use tracker::Fate;
use uuid::Uuid;

use super::row::{Row, total_ms};

/// How many rows are kept.
const LIMIT: usize = 500;

/// The latest events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    order: VecDeque<Uuid>,
    rows: HashMap<Uuid, Arc<Row>>,
    /// How many events others have emitted, as far as the stream showed them.
    others: u64,
}

impl Log {
    /// This page emitted an event.
    pub fn emitted(&mut self, event: &Arc<Event>, routes: &[Route]) {
        let mut row = Row::of(event);
        routes.iter().for_each(|&route| _ = row.cell(route));
        self.put(row);
    }

    /// One route's copy got further.
    pub fn fate(&mut self, id: Uuid, route: Route, fate: Fate, at: Timestamp) {
        if let Some(row) = self.rows.get_mut(&id) {
            Arc::make_mut(row).cell(route).fate(fate, at);
        }
    }

    /// The consumer has one route's copy.
    pub fn processed(&mut self, event: &Processed) {
        if !self.rows.contains_key(&event.id) {
            self.others += 1;
            self.put(Row::from_live(event));
        }
        if let Some(row) = self.rows.get_mut(&event.id) {
            let row = Arc::make_mut(row);
            row.key.clone_from(&event.key);
            row.cell(event.route).processed(event);
        }
    }

    fn put(&mut self, row: Row) {
        let id = row.id;
        match self.rows.insert(id, Arc::new(row)) {
            // Taken over from a tab that is gone, and known from the stream already.
            Some(known) => {
                let cells = known.cells.clone();
                if let Some(row) = self.rows.get_mut(&id) {
                    let row = Arc::make_mut(row);
                    for (new, old) in row.cells.iter_mut().zip(cells) {
                        *new = old.or(new.take());
                    }
                }
            }
            None => self.order.push_front(id),
        }
        if self.order.len() > LIMIT
            && let Some(oldest) = self.order.pop_back()
        {
            self.rows.remove(&oldest);
        }
    }

    /// One row.
    pub fn row(&self, id: Uuid) -> Option<Arc<Row>> {
        self.rows.get(&id).cloned()
    }

    /// The ids of the newest rows, of this page alone or of everyone.
    pub fn newest(&self, mine: bool, most: usize) -> Vec<Uuid> {
        let wanted = |id: &&Uuid| !mine || self.rows.get(id).is_some_and(|row| row.mine);
        self.order.iter().filter(wanted).take(most).copied().collect()
    }

    /// The ids of a session's events that are here, the largest number first.
    pub fn of_session(&self, session: SessionId) -> Vec<Uuid> {
        let mut rows: Vec<&Arc<Row>> = self.rows.values().filter(|row| row.session == Some(session)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.number));
        rows.into_iter().map(|row| row.id).collect()
    }

    /// How many events of others the stream has shown.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// How long the latest copies took on a route, in milliseconds: the median of at most 25.
    pub fn typical_ms(&self, route: Route) -> Option<f64> {
        let hops = |id| self.rows.get(id)?.cells[route as usize].as_ref()?.hops;
        let mut totals: Vec<f64> = self.order.iter().filter_map(hops).take(25).map(|hops| total_ms(&hops)).collect();
        totals.sort_by(f64::total_cmp);
        totals.get(totals.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use domain::api::Hops;
    use domain::ledger::Seen;
    use domain::{Kind, RouteChoice};
    use tracker::{News, Tracker};

    use super::super::row::CellState;
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
            kind: Kind::KeyPress,
            key: "127.0.0.1".to_owned(),
            seen,
            hops,
            position: None,
            alert: None,
        }
    }

    fn emit(log: &mut Log, id: u128) {
        let mut tracker = Tracker::new(SessionId(Uuid::nil()), 1000);
        let choice = RouteChoice::One(Route::Kafka);
        for news in tracker.emit(Kind::KeyPress, serde_json::json!({}), choice, Uuid::from_u128(id), at(0)) {
            match news {
                News::Emitted { event, routes } => log.emitted(&event, &routes),
                News::Fate { id, route, fate, at } => log.fate(id, route, fate, at),
            }
        }
    }

    #[test]
    fn the_stream_may_be_faster_than_the_answer() {
        let mut log = Log::default();
        emit(&mut log, 1);
        let state = |log: &Log| log.row(Uuid::from_u128(1)).unwrap().cells[2].as_ref().unwrap().state;
        assert_eq!(state(&log), CellState::Queued);
        log.fate(Uuid::from_u128(1), Route::Kafka, Fate::Sent, at(1));
        log.processed(&processed(1, Route::Kafka, Seen::New));
        log.fate(Uuid::from_u128(1), Route::Kafka, Fate::Accepted, at(10));
        assert_eq!(state(&log), CellState::Processed);
        let row = log.row(Uuid::from_u128(1)).unwrap();
        let cell = row.cells[2].as_ref().unwrap();
        assert_eq!((cell.answered, cell.again, row.slowest_ms()), (Some(at(10)), 0, 9.0));
        assert!(row.mine && row.cells[0].is_none());
        assert_eq!((cell.queued, cell.sent, cell.tries), (Some(at(0)), Some(at(1)), 1));
        assert_eq!(log.of_session(SessionId(Uuid::nil())), [row.id]);
        assert!(log.of_session(SessionId(Uuid::max())).is_empty());

        log.processed(&processed(1, Route::Kafka, Seen::Duplicate));
        assert_eq!(log.row(Uuid::from_u128(1)).unwrap().cells[2].as_ref().unwrap().again, 1);
    }

    #[test]
    fn keeps_the_newest_and_tells_mine_from_others() {
        let mut log = Log::default();
        (1..=600).for_each(|id| log.processed(&processed(id, Route::HttpPush, Seen::New)));
        emit(&mut log, 1000);
        assert_eq!((log.order.len(), log.rows.len(), log.others()), (LIMIT, LIMIT, 600));
        assert_eq!(log.newest(true, 9), [Uuid::from_u128(1000)]);
        assert_eq!(log.newest(false, 2), [1000, 600].map(Uuid::from_u128));
        assert_eq!(log.typical_ms(Route::HttpPush), Some(9.0));
        assert_eq!(log.typical_ms(Route::Kafka), None);
    }
}
