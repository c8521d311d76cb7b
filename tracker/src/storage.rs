//! How a session outlives its tab: its head and each of its queued events under keys of their own.
//!
//! `ese.session.<uuid>` is the head (books and lease), `ese.session.<uuid>.<number>` an event that still waits.
//! Keys of their own, since an event is then written once, however long the queue is.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{Route, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client_ledger::ClientLedger;
use crate::event::TrackerEvent;
use crate::json;
use crate::queue::Entry;
use crate::tracker::Tracker;

const PREFIX: &str = "ese.session.";
/// How long after its last sign of life a tab in view counts as gone, in milliseconds.
pub const LEASE_MS: i64 = 5_000;
/// The same for a tab in the background, whose timers browsers run as seldom as once a minute.
pub const HIDDEN_LEASE_MS: i64 = 150_000;

/// A place for texts under keys, such as `localStorage`.
pub trait SessionStorage {
    /// The text under a key.
    fn get(&self, key: &str) -> Option<String>;
    /// Puts a text under a key; says why if it cannot.
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
    books: ClientLedger,
}

fn head_key(session: SessionId) -> String {
    format!("{PREFIX}{session}")
}

fn entry_key(session: SessionId, number: u64) -> String {
    format!("{PREFIX}{session}.{number}")
}

/// Puts what changed on the storage and renews the lease: new events before the books that name them,
/// and the books before events that are done are taken down, so that a crash in between loses nothing.
pub fn save(tracker: &mut Tracker, storage: &dyn SessionStorage, lease_ms: i64, now: Timestamp) {
    let session = tracker.session();
    let changed = std::mem::take(&mut tracker.changed);
    let (waiting, done): (Vec<u64>, Vec<u64>) =
        changed.into_iter().partition(|&number| tracker.entry(number).is_some());
    let mut trouble = None;
    for number in waiting {
        let json = json::write(&tracker.entry(number)).unwrap_or_default();
        if let Err(why) = storage.set(&entry_key(session, number), &json) {
            trouble = Some(why);
        }
    }
    let head = Head { alive_at: now, lease_ms, books: tracker.books.clone() };
    let json = json::write(&head).unwrap_or_default();
    let head_saved = storage.set(&head_key(session), &json);
    done.into_iter().for_each(|number| storage.remove(&entry_key(session, number)));
    // Without new events to save, what could not be saved before is still not there.
    tracker.unsaved = match (trouble, head_saved) {
        (Some(why), _) | (None, Err(why)) => Some(why),
        (None, Ok(())) => tracker.unsaved.take().filter(|_| !tracker.is_done()),
    };
}

/// Takes down everything of a session.
pub fn clear(session: SessionId, storage: &dyn SessionStorage) {
    let head = head_key(session);
    storage.keys().iter().filter(|key| key.starts_with(&head)).for_each(|key| storage.remove(key));
}

/// Takes over the sessions whose tabs are gone, with what an observer hears of it.
pub fn adopt(storage: &dyn SessionStorage, limit: usize, now: Timestamp) -> Vec<(Tracker, Vec<TrackerEvent>)> {
    let mut entries: BTreeMap<SessionId, Vec<(u64, String)>> = BTreeMap::new();
    for key in storage.keys() {
        let Some(rest) = key.strip_prefix(PREFIX) else { continue };
        let (session, number) = rest.split_once('.').unwrap_or((rest, ""));
        let Ok(session) = session.parse() else { continue };
        let found = entries.entry(session).or_default();
        if let Ok(number) = number.parse() {
            found.push((number, key));
        }
    }
    entries.into_iter().filter_map(|(session, keys)| adopt_one(session, keys, storage, limit, now)).collect()
}

fn adopt_one(
    session: SessionId,
    mut keys: Vec<(u64, String)>,
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
    tracker.books = head.map(|head| head.books).unwrap_or_default();
    keys.sort_unstable();
    let mut events = Vec::new();
    for (number, key) in keys {
        let entry: Option<Entry> = storage.get(&key).and_then(|json| json::read(&json).ok());
        let Some(entry) = entry else { continue };
        let owed: Vec<Route> = entry.pending.into_iter().filter(|&route| owes(&tracker.books, route, number)).collect();
        if !owed.is_empty() {
            events.extend(tracker.admit(number, entry.event, &owed, now));
        }
    }
    if tracker.books.is_empty() {
        clear(session, storage);
        return None;
    }
    tracker.books.reopen();
    Some((tracker, events))
}

/// Whether a route's final answer about a number is still out; the books know it even where the entry does not yet.
fn owes(books: &ClientLedger, route: Route, number: u64) -> bool {
    books.route(route).is_none_or(|report| {
        ![&report.accepted, &report.rejected, &report.shed].into_iter().any(|set| set.contains(number))
    })
}
