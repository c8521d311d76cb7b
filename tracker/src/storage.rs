//! Saves a session for the next tab: one key for its head, and one for each queued event.
//!
//! `ese.session.<uuid>` is the head (ledger and lease), `ese.session.<uuid>.<number>` a queued event.
//! With its own key an event is written once, however long the queue is.

#[cfg(test)]
mod tests;

use domain::{Route, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client_ledger::ClientLedger;
use crate::json;
use crate::queue::Entry;
use crate::tracker::Tracker;
use crate::tracker_event::TrackerEvent;

const PREFIX: &str = "ese.session.";

/// A place for texts under keys, such as `localStorage`.
pub trait SessionStorage {
    /// The text under a key.
    fn get(&self, key: &str) -> Option<String>;
    /// Puts a text under a key, or returns the reason why not.
    fn set(&self, key: &str, text: &str) -> Result<(), String>;
    /// Clears a key.
    fn remove(&self, key: &str);
    /// All keys.
    fn keys(&self) -> Vec<String>;
}

#[derive(Serialize, Deserialize)]
struct Head {
    alive_at: Timestamp,
    lease_ms: i64,
    #[serde(rename = "books")]
    ledger: ClientLedger,
}

fn head_key(session: SessionId) -> String {
    format!("{PREFIX}{session}")
}

fn entry_key(session: SessionId, number: u64) -> String {
    format!("{PREFIX}{session}.{number}")
}

/// Saves the changes and renews the lease.
///
/// New events are written first, then the ledger, and events that are done are removed last: a crash loses nothing.
pub fn save(tracker: &mut Tracker, storage: &dyn SessionStorage, lease_ms: i64, now: Timestamp) {
    let session = tracker.session();
    let changed = std::mem::take(&mut tracker.changed);
    let (waiting, done): (Vec<u64>, Vec<u64>) =
        changed.ranges().flat_map(|(first, last)| first..=last).partition(|&number| tracker.entry(number).is_some());
    let mut trouble = None;
    for number in waiting {
        let json = json::write(&tracker.entry(number)).unwrap_or_default();
        if let Err(why) = storage.set(&entry_key(session, number), &json) {
            trouble = Some(why);
        }
    }
    let head = Head { alive_at: now, lease_ms, ledger: tracker.ledger.clone() };
    let json = json::write(&head).unwrap_or_default();
    let head_saved = storage.set(&head_key(session), &json);
    done.into_iter().for_each(|number| storage.remove(&entry_key(session, number)));
    // An earlier failure remains until the session is done: no new event replaces the one that was not saved.
    tracker.unsaved = match (trouble, head_saved) {
        (Some(why), _) | (None, Err(why)) => Some(why),
        (None, Ok(())) => tracker.unsaved.take().filter(|_| !tracker.is_done()),
    };
}

/// Removes everything of a session.
pub fn clear(session: SessionId, storage: &dyn SessionStorage) {
    let head = head_key(session);
    storage.keys().iter().filter(|key| key.starts_with(&head)).for_each(|key| storage.remove(key));
}

/// Takes over the sessions of closed tabs, with the events for the listener.
pub fn adopt(storage: &dyn SessionStorage, limit: usize, now: Timestamp) -> Vec<(Tracker, Vec<TrackerEvent>)> {
    let mut sessions: Vec<(SessionId, Vec<(u64, String)>)> = Vec::new();
    for key in storage.keys() {
        let Some(rest) = key.strip_prefix(PREFIX) else { continue };
        let (session, number) = rest.split_once('.').unwrap_or((rest, ""));
        let Ok(session) = session.parse() else { continue };
        let known = sessions.iter().position(|(other, _)| *other == session).unwrap_or_else(|| {
            sessions.push((session, Vec::new()));
            sessions.len() - 1
        });
        if let Ok(number) = number.parse() {
            let numbers = &mut sessions[known].1;
            numbers.insert(numbers.partition_point(|(other, _)| *other < number), (number, key));
        }
    }
    sessions.into_iter().filter_map(|(session, keys)| adopt_one(session, keys, storage, limit, now)).collect()
}

fn adopt_one(
    session: SessionId,
    keys: Vec<(u64, String)>,
    storage: &dyn SessionStorage,
    limit: usize,
    now: Timestamp,
) -> Option<(Tracker, Vec<TrackerEvent>)> {
    let head: Option<Head> = storage.get(&head_key(session)).and_then(|json| json::read(&json).ok());
    if let Some(head) = &head
        && now < head.alive_at.plus_millis(head.lease_ms)
    {
        return None;
    }
    let mut tracker = Tracker::new(session, limit);
    tracker.ledger = head.map(|head| head.ledger).unwrap_or_default();
    let mut events = Vec::new();
    for (number, key) in keys {
        let entry: Option<Entry> = storage.get(&key).and_then(|json| json::read(&json).ok());
        let Some(entry) = entry else { continue };
        let pending: Vec<Route> =
            entry.pending.into_iter().filter(|&route| is_pending(&tracker.ledger, route, number)).collect();
        if !pending.is_empty() {
            events.extend(tracker.admit(number, entry.event, &pending, now));
        }
    }
    if tracker.ledger.is_empty() {
        clear(session, storage);
        return None;
    }
    tracker.ledger.report_again();
    Some((tracker, events))
}

/// Whether a number still has no final answer on a route; the ledger may be newer than the entry.
fn is_pending(ledger: &ClientLedger, route: Route, number: u64) -> bool {
    ledger.route(route).is_none_or(|report| {
        ![&report.accepted, &report.rejected, &report.shed].into_iter().any(|set| set.contains(number))
    })
}
