//! Tests of sessions whose tabs close.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::api::Outcome;
use uuid::Uuid;

use super::*;
use crate::tracker::tests::{ALL, at, emit, reply, retry, tracker};

/// The lease of these tabs.
const LEASE_MS: i64 = 5_000;

#[derive(Default)]
struct Memory {
    texts: RefCell<BTreeMap<String, String>>,
    full: bool,
}

impl SessionStorage for Memory {
    fn get(&self, key: &str) -> Option<String> {
        self.texts.borrow().get(key).cloned()
    }

    fn set(&self, key: &str, text: &str) -> Result<(), String> {
        if self.full {
            return Err("full".to_owned());
        }
        self.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
        Ok(())
    }

    fn remove(&self, key: &str) {
        self.texts.borrow_mut().remove(key);
    }

    fn keys(&self) -> Vec<String> {
        self.texts.borrow().keys().cloned().collect()
    }
}

fn accept(tracker: &mut Tracker, routes: &[Route]) {
    while let Some((request, _)) = tracker.next_request(at(0)) {
        let outcome = if routes.contains(&request.route) { Outcome::Accepted } else { retry(0) };
        tracker.answered(&request, reply(&request, &outcome), 0.0, at(0));
    }
}

#[test]
fn the_next_tab_takes_over_the_events_of_a_closed_one() {
    let (storage, mut tracker) = (Memory::default(), tracker());
    emit(&mut tracker, ALL, 3);
    save(&mut tracker, &storage, LEASE_MS, at(1000));
    assert!(adopt(&storage, 10_000, at(1000 + LEASE_MS - 1)).is_empty(), "it is alive");

    accept(&mut tracker, &[Route::HttpPoll, Route::Kafka]);
    save(&mut tracker, &storage, LEASE_MS, at(1000));
    let mut adopted = adopt(&storage, 10_000, at(1000 + LEASE_MS));
    let (next_tab, events) = &mut adopted[0];
    assert_eq!(next_tab.session(), tracker.session());
    assert_eq!(events.len(), 3 * 2, "emitted and queued, on http-push alone");
    let (request, _) = next_tab.next_request(at(9000)).unwrap();
    assert_eq!((request.route, request.numbers.len()), (Route::HttpPush, 3));
    assert_eq!(next_tab.next_request(at(9000)), None);
    assert_eq!(next_tab.ledger.report(), tracker.ledger.report());
}

#[test]
fn a_closed_tab_leaves_its_session_at_once_and_the_next_tab_clears_it() {
    let (storage, mut tracker) = (Memory::default(), tracker());
    emit(&mut tracker, ALL, 1);
    save(&mut tracker, &storage, 0, at(0));
    let (mut next_tab, _) = adopt(&storage, 10_000, at(0)).remove(0);
    accept(&mut next_tab, &Route::ALL);
    assert!(!next_tab.is_done(), "the report is not sent");
    let (version, _) = next_tab.ledger.due(at(1)).unwrap();
    next_tab.ledger.report_ended(version, true, at(2));
    assert!(next_tab.is_done());
    clear(next_tab.session(), &storage);
    assert_eq!(storage.keys(), Vec::<String>::new());
}

#[test]
fn a_crash_between_ledger_and_entries_sends_nothing_twice() {
    let (storage, mut tracker) = (Memory::default(), tracker());
    emit(&mut tracker, ALL, 2);
    save(&mut tracker, &storage, 0, at(0));
    let before = storage.texts.borrow().clone();
    accept(&mut tracker, &Route::ALL);
    save(&mut tracker, &storage, 0, at(0));
    assert_eq!(storage.keys().len(), 1, "the entries are gone");
    // As if the tab had died after the head was written and before the entries were removed.
    let head = storage.get(&head_key(tracker.session())).unwrap();
    *storage.texts.borrow_mut() = before;
    storage.set(&head_key(tracker.session()), &head).unwrap();
    let (mut next_tab, events) = adopt(&storage, 10_000, at(0)).remove(0);
    assert!(events.is_empty() && next_tab.next_request(at(0)).is_none());
}

#[test]
fn entries_without_a_ledger_are_still_sent() {
    let (storage, mut tracker) = (Memory::default(), tracker());
    emit(&mut tracker, ALL, 2);
    save(&mut tracker, &storage, 0, at(0));
    storage.remove(&head_key(tracker.session()));
    let (next_tab, _) = adopt(&storage, 10_000, at(0)).remove(0);
    assert_eq!(next_tab.ledger.report(), tracker.ledger.report());
}

#[test]
fn an_entry_of_an_earlier_version_is_still_sent() {
    let (storage, session) = (Memory::default(), SessionId(Uuid::from_u128(7)));
    let entry = r#"{"event":{"specversion":"1.0","id":"00000000-0000-0000-0000-000000000000",
        "source":"/sessions/00000000-0000-0000-0000-000000000007","type":"ese.click-stream.key-press",
        "time":"1970-01-01T00:00:00Z","sequence":"1","data":{"key":"f"}},"pending":["http-push","http-poll","kafka"]}"#;
    let head = r#"{"alive_at":"1970-01-01T00:00:00Z","lease_ms":0,"books":{"routes":{"kafka":{"emitted":"1"}}}}"#;
    storage.set(&entry_key(session, 1), entry).unwrap();
    storage.set(&head_key(session), head).unwrap();
    let (mut next_tab, _) = adopt(&storage, 10_000, at(0)).remove(0);
    let requests = std::iter::from_fn(|| next_tab.next_request(at(0)));
    assert_eq!(requests.map(|(request, _)| request.route).collect::<Vec<_>>(), Route::ALL);
}

#[test]
fn invalid_and_empty_sessions_are_removed() {
    let storage = Memory::default();
    let id = Uuid::from_u128(9);
    storage.set("ese.session.what", "?").unwrap();
    storage.set(&format!("ese.session.{id}"), "{").unwrap();
    storage.set(&format!("ese.session.{id}.1"), "[]").unwrap();
    save(&mut tracker(), &storage, 0, at(0));
    assert!(adopt(&storage, 10_000, at(0)).is_empty());
    assert_eq!(storage.keys(), ["ese.session.what"]);
}

#[test]
fn a_full_storage_is_reported() {
    let storage = Memory { full: true, ..Memory::default() };
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    save(&mut tracker, &storage, LEASE_MS, at(0));
    assert_eq!(tracker.status().unsaved.as_deref(), Some("full"));
}
