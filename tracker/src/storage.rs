//! What is kept of a session for the next tab: a head (ledger and lease), and each queued event.
//!
//! Each function is pure: it says what to change, or reads what was found. An event is written once and removed once.

#[cfg(test)]
mod tests;

use domain::ledger::Report;
use domain::{ByRoute, Intervals, Route, SessionId, Timestamp};

use crate::client_ledger::ClientLedger;
use crate::queue::Limit;
use crate::tracker::{Prepared, Tracker, Written};
use crate::tracker_event::TrackerEvent;

/// The two tables of the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// A head for each session, by its id.
    Sessions,
    /// The queued events, by [`event_key`].
    Events,
}

impl Table {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sessions, Self::Events];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Events => "events",
        }
    }
}

/// A change of the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a text under a key.
    Put(Table, String, String),
    /// Removes the first key, the last, and all between.
    Remove(Table, String, String),
}

/// What is kept of a session beside its events.
#[derive(Debug)]
pub struct Head {
    session: SessionId,
    alive_at: Timestamp,
    lease_ms: i64,
    tried: ByRoute<u64>,
    reports: ByRoute<Report>,
}

/// The key of an event: keys of one session are in the order of its numbers.
pub fn event_key(session: SessionId, number: u64) -> String {
    format!("{session}.{number:016}")
}

/// The keys of all events of a session are between these.
pub fn event_keys(session: SessionId) -> (String, String) {
    (format!("{session}."), format!("{session}/"))
}

/// A new event, to be written before it is admitted.
pub fn event(session: SessionId, prepared: &Prepared, routes: &[Route]) -> Change {
    Change::Put(Table::Events, event_key(session, prepared.number), text_of(prepared, routes))
}

/// A line with the number, the id, the time and the routes, then the event.
fn text_of(Prepared { number, id, time, json }: &Prepared, routes: &[Route]) -> String {
    let mut text = format!("{number} {id} {}", time.micros());
    for route in routes {
        text.push(' ');
        text.push_str(route.name());
    }
    text.push('\n');
    text.push_str(json);
    text
}

/// A line with the session and its lease, then one with the numbers for each route.
fn text_of_head(tracker: &Tracker, lease_ms: i64, now: Timestamp) -> String {
    let mut text = format!("{} {} {lease_ms}\n", tracker.session(), now.micros());
    for route in Route::ALL {
        if let Some(Report { emitted, accepted, rejected, shed }) = tracker.ledger.route(route) {
            let tried = tracker.tried.get(route).copied().unwrap_or_default();
            text += &format!("{route} {tried} {emitted} {accepted} {rejected} {shed}\n", route = route.name());
        }
    }
    text
}

fn read_head(text: &str) -> Option<Head> {
    let mut lines = text.lines();
    let mut words = lines.next()?.split(' ');
    let session = words.next()?.parse().ok()?;
    let alive_at = Timestamp::from_micros(words.next()?.parse().ok()?);
    let lease_ms = words.next()?.parse().ok()?;
    let mut head = Head { session, alive_at, lease_ms, tried: ByRoute::new(), reports: ByRoute::new() };
    for line in lines {
        let mut words = line.split(' ');
        let route = words.next().and_then(named)?;
        head.tried.insert(route, words.next()?.parse().ok()?);
        let mut numbers = || words.next()?.parse::<Intervals>().ok();
        let report = Report { emitted: numbers()?, accepted: numbers()?, rejected: numbers()?, shed: numbers()? };
        head.reports.insert(route, report);
    }
    Some(head)
}

fn named(name: &str) -> Option<Route> {
    Route::ALL.into_iter().find(|route| route.name() == name)
}

fn read(text: &str) -> Option<(Prepared, Vec<Route>)> {
    let (line, json) = text.split_once('\n')?;
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let id = words.next()?.parse().ok()?;
    let time = Timestamp::from_micros(words.next()?.parse().ok()?);
    let routes = words.filter_map(named).collect();
    Some((Prepared { number, id, time, json: json.into() }, routes))
}

/// The other changes since the last call: events that are done, the ledger, and the lease where it is half over.
///
/// They belong into one transaction, with the events that are `coming`. Of a session that is done, nothing is kept.
pub fn changes(tracker: &mut Tracker, coming: bool, lease_ms: i64, now: Timestamp) -> Vec<Change> {
    let session = tracker.session();
    let gone = std::mem::take(&mut tracker.gone);
    let removed = |(first, last)| Change::Remove(Table::Events, event_key(session, first), event_key(session, last));
    let mut changes: Vec<Change> = gone.ranges().map(removed).collect();
    let key = session.to_string();
    if tracker.is_done() && !coming {
        changes.extend(tracker.written.take().map(|_| Change::Remove(Table::Sessions, key.clone(), key)));
        return changes;
    }
    let version = tracker.ledger.version();
    let is_fresh = |written: &Written| {
        let half_over = written.at.plus_millis(written.lease_ms / 2);
        written.version == version && written.lease_ms == lease_ms && now < half_over
    };
    if !tracker.written.as_ref().is_some_and(is_fresh) {
        tracker.written = Some(Written { version, at: now, lease_ms });
        changes.push(Change::Put(Table::Sessions, key, text_of_head(tracker, lease_ms, now)));
    }
    changes
}

/// The sessions of closed tabs among all heads.
pub fn closed(heads: &[String], now: Timestamp) -> Vec<Head> {
    let heads = heads.iter().filter_map(|text| read_head(text));
    heads.filter(|head| now >= head.alive_at.plus_millis(head.lease_ms)).collect()
}

impl Head {
    /// Whose head it is.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The session as it goes on in this tab, and the events for the listener.
    pub fn adopt(self, entries: &[String], limit: Limit, now: Timestamp) -> (Tracker, Vec<TrackerEvent>) {
        let mut tracker = Tracker::new(self.session, limit);
        tracker.ledger = ClientLedger::again(self.reports);
        tracker.tried = self.tried;
        let mut events = Vec::new();
        for (prepared, mut pending) in entries.iter().filter_map(|text| read(text)) {
            pending.retain(|&route| is_pending(&tracker.ledger, route, prepared.number));
            if pending.is_empty() {
                tracker.gone.insert(prepared.number);
            } else {
                events.extend(tracker.admit(prepared, &pending, now));
            }
        }
        (tracker, events)
    }
}

/// Whether a number still has no final answer on a route; the ledger may be newer than the entry.
fn is_pending(ledger: &ClientLedger, route: Route, number: u64) -> bool {
    ledger.route(route).is_none_or(|report| {
        ![&report.accepted, &report.rejected, &report.shed].into_iter().any(|set| set.contains(number))
    })
}
