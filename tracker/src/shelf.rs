//! How a session outlives its tab: its head and each of its queued events under keys of their own.
//!
//! `ese.session.<uuid>` is the head (books and lease), `ese.session.<uuid>.<number>` an event that still waits.
//! Keys of their own, since an event is then written once, however long the queue is.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{Route, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::books::Books;
use crate::fate::News;
use crate::json;
use crate::queue::Entry;
use crate::tracker::Tracker;

const PREFIX: &str = "ese.session.";
/// How long after its last sign of life a tab in view counts as gone, in milliseconds.
pub const LEASE_MS: i64 = 5_000;
/// The same for a tab in the background, whose timers browsers run as seldom as once a minute.
pub const HIDDEN_LEASE_MS: i64 = 150_000;

/// A place for texts under keys, such as `localStorage`.
pub trait Shelf {
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
    books: Books,
}

fn head_key(session: SessionId) -> String {
    format!("{PREFIX}{session}")
}

fn entry_key(session: SessionId, number: u64) -> String {
    format!("{PREFIX}{session}.{number}")
}

/// Puts what changed on the shelf and renews the lease: new events before the books that name them,
/// and the books before events that are done are taken down, so that a crash in between loses nothing.
pub fn save(tracker: &mut Tracker, shelf: &dyn Shelf, lease_ms: i64, now: Timestamp) {
    let session = tracker.session();
    let changed = std::mem::take(&mut tracker.changed);
    let (waiting, done): (Vec<u64>, Vec<u64>) =
        changed.into_iter().partition(|&number| tracker.entry(number).is_some());
    let mut trouble = None;
    for number in waiting {
        let json = json::write(&tracker.entry(number)).unwrap_or_default();
        if let Err(why) = shelf.set(&entry_key(session, number), &json) {
            trouble = Some(why);
        }
    }
    let head = Head { alive_at: now, lease_ms, books: tracker.books.clone() };
    let json = json::write(&head).unwrap_or_default();
    let head_saved = shelf.set(&head_key(session), &json);
    done.into_iter().for_each(|number| shelf.remove(&entry_key(session, number)));
    // Without new events to save, what could not be saved before is still not there.
    tracker.unsaved = match (trouble, head_saved) {
        (Some(why), _) | (None, Err(why)) => Some(why),
        (None, Ok(())) => tracker.unsaved.take().filter(|_| !tracker.is_done()),
    };
}

/// Takes down everything of a session.
pub fn clear(session: SessionId, shelf: &dyn Shelf) {
    let head = head_key(session);
    shelf.keys().iter().filter(|key| key.starts_with(&head)).for_each(|key| shelf.remove(key));
}

/// Takes over the sessions whose tabs are gone, with what an observer hears of it.
pub fn adopt(shelf: &dyn Shelf, limit: usize, now: Timestamp) -> Vec<(Tracker, Vec<News>)> {
    let mut entries: BTreeMap<SessionId, Vec<(u64, String)>> = BTreeMap::new();
    for key in shelf.keys() {
        let Some(rest) = key.strip_prefix(PREFIX) else { continue };
        let (session, number) = rest.split_once('.').unwrap_or((rest, ""));
        let Ok(session) = session.parse() else { continue };
        let found = entries.entry(session).or_default();
        if let Ok(number) = number.parse() {
            found.push((number, key));
        }
    }
    entries.into_iter().filter_map(|(session, keys)| adopt_one(session, keys, shelf, limit, now)).collect()
}

fn adopt_one(
    session: SessionId,
    mut keys: Vec<(u64, String)>,
    shelf: &dyn Shelf,
    limit: usize,
    now: Timestamp,
) -> Option<(Tracker, Vec<News>)> {
    let head: Option<Head> = shelf.get(&head_key(session)).and_then(|json| json::read(&json).ok());
    if let Some(head) = &head
        && now < head.alive_at.plus_millis(head.lease_ms)
    {
        return None;
    }
    let mut tracker = Tracker::new(session, limit);
    tracker.books = head.map(|head| head.books).unwrap_or_default();
    keys.sort_unstable();
    let mut news = Vec::new();
    for (number, key) in keys {
        let entry: Option<Entry> = shelf.get(&key).and_then(|json| json::read(&json).ok());
        let Some(entry) = entry else { continue };
        let owed: Vec<Route> = entry.pending.into_iter().filter(|&route| owes(&tracker.books, route, number)).collect();
        if !owed.is_empty() {
            news.extend(tracker.admit(number, entry.event, &owed, now));
        }
    }
    if tracker.books.is_empty() {
        clear(session, shelf);
        return None;
    }
    tracker.books.reopen();
    Some((tracker, news))
}

/// Whether a route's final answer about a number is still out; the books know it even where the entry does not yet.
fn owes(books: &Books, route: Route, number: u64) -> bool {
    books.route(route).is_none_or(|report| {
        ![&report.accepted, &report.rejected, &report.shed].into_iter().any(|set| set.contains(number))
    })
}
