//! Tests of sessions whose tabs close.

use std::collections::BTreeMap;

use domain::RouteChoice;
use domain::api::Outcome;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::tracker::tests::{ALL, at, emit, reply, retry, tracker};

/// The lease of these tabs.
const LEASE_MS: i64 = 5_000;
/// The lease of a hidden one.
const HIDDEN_LEASE_MS: i64 = 150_000;
const LIMIT: Limit = Limit::of_bytes(10_000);

/// The two tables, as a browser keeps them.
#[derive(Clone, Default)]
struct Memory(BTreeMap<(Table, String), String>);

impl Memory {
    fn write(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match change {
                Change::Put(table, key, text) => _ = self.0.insert((table, key), text),
                Change::Remove(table, first, last) => {
                    self.0.retain(|(other, key), _| *other != table || !(&first..=&last).contains(&key))
                }
            }
        }
    }

    /// Emits events as a page does: they are written first.
    fn emit(&mut self, tracker: &mut Tracker, choice: RouteChoice, count: usize) {
        let session = tracker.session();
        let new = (0..count).map(|index| {
            tracker.prepare("com.example.x", &json!({ "n": index }).to_string(), Uuid::from_u128(index as u128), at(7))
        });
        let new: Vec<_> = new.collect();
        self.write(new.iter().map(|prepared| event(session, prepared, choice.routes())));
        self.write(changes(tracker, true, LEASE_MS, at(1000)));
        new.into_iter().for_each(|prepared| _ = tracker.admit(prepared, choice.routes(), at(1000)));
    }

    fn adopt(&self, now: i64) -> Vec<(Tracker, Vec<TrackerEvent>)> {
        let texts = |table| self.0.iter().filter(move |((other, _), _)| *other == table);
        let heads: Vec<String> = texts(Table::Sessions).map(|(_, text)| text.clone()).collect();
        let adopt = |head: Head| {
            let (from, to) = event_keys(head.session());
            let entries = texts(Table::Events).filter(|((_, key), _)| (&from..&to).contains(&key));
            let entries: Vec<String> = entries.map(|(_, text)| text.clone()).collect();
            head.adopt(&entries, LIMIT, at(now))
        };
        closed(&heads, at(now)).into_iter().map(adopt).collect()
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
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    memory.emit(&mut tracker, ALL, 12);
    assert!(memory.adopt(1000 + LEASE_MS - 1).is_empty(), "it is alive");

    accept(&mut tracker, &[Route::HttpPoll, Route::Kafka]);
    memory.write(changes(&mut tracker, false, LEASE_MS, at(1000)));
    let mut adopted = memory.adopt(1000 + LEASE_MS);
    let (next_tab, events) = &mut adopted[0];
    assert_eq!(next_tab.session(), tracker.session());
    assert_eq!(events.len(), 12 * 2, "emitted and queued, on http-push alone");
    let (request, _) = next_tab.next_request(at(9000)).unwrap();
    assert_eq!((request.route, request.numbers), (Route::HttpPush, (1..=12).collect()));
    assert!(request.body.contains(r#""type":"com.example.x""#) && request.body.contains(r#""data":{"n":11}"#));
    assert_eq!(next_tab.next_request(at(9000)), None);
    assert_eq!(next_tab.ledger.report(), tracker.ledger.report());
}

#[test]
fn an_event_counts_as_emitted_only_once_it_is_written() {
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    let session = tracker.session();
    let prepared = tracker.prepare("com.example.x", "null", Uuid::nil(), at(0));
    assert!(tracker.ledger.is_empty() && tracker.next_request(at(0)).is_none());
    memory.write([event(session, &prepared, ALL.routes())]);
    memory.write(changes(&mut tracker, true, LEASE_MS, at(0)));
    // The tab dies before it is sent.
    let (mut next_tab, _) = memory.adopt(LEASE_MS).remove(0);
    assert_eq!(next_tab.ledger.route(Route::Kafka).unwrap().emitted.to_string(), "1");
    assert!(next_tab.next_request(at(0)).is_some());
}

#[test]
fn a_session_that_is_done_leaves_nothing() {
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    assert!(changes(&mut tracker, false, LEASE_MS, at(0)).is_empty(), "nothing was emitted");
    memory.emit(&mut tracker, ALL, 2);
    accept(&mut tracker, &Route::ALL);
    memory.write(changes(&mut tracker, false, LEASE_MS, at(0)));
    assert_eq!(memory.0.len(), 1, "the report is not sent");
    let (version, _) = tracker.ledger.due(at(1)).unwrap();
    tracker.ledger.report_ended(version, true, at(2));
    memory.write(changes(&mut tracker, false, LEASE_MS, at(2)));
    assert!(memory.0.is_empty());
    memory.emit(&mut tracker, ALL, 1);
    assert_eq!(memory.0.len(), 2, "it begins again");
}

#[test]
fn the_lease_is_renewed_in_time_and_nothing_is_written_before() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    let mut writes = |lease_ms, now| changes(&mut tracker, false, lease_ms, at(now)).len();
    assert_eq!([0, 1, 2499, 2500, 4000].map(|now| writes(LEASE_MS, now)), [1, 0, 0, 1, 0]);
    assert_eq!(writes(HIDDEN_LEASE_MS, 4001), 1, "the tab is hidden");
    assert_eq!(writes(0, 4002), 1, "the tab closes");
}

#[test]
fn a_crash_between_ledger_and_events_sends_nothing_twice() {
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    memory.emit(&mut tracker, ALL, 2);
    let before = memory.clone();
    accept(&mut tracker, &Route::ALL);
    memory.write(changes(&mut tracker, false, 0, at(0)));
    assert_eq!(memory.0.len(), 1, "the events are gone");
    memory.0.extend(before.0.into_iter().filter(|((table, _), _)| *table == Table::Events));
    let (mut next_tab, events) = memory.adopt(0).remove(0);
    assert!(events.is_empty() && next_tab.next_request(at(0)).is_none());
    memory.write(changes(&mut next_tab, false, LEASE_MS, at(0)));
    assert_eq!(memory.0.len(), 1, "they are removed then");
}

#[test]
fn what_a_closed_tab_has_sent_is_not_shed() {
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    memory.emit(&mut tracker, ALL, 2);
    tracker.next_request(at(0)).unwrap();
    memory.write(changes(&mut tracker, false, 0, at(0)));
    let (mut next_tab, _) = memory.adopt(0).remove(0);
    next_tab.forget(at(0));
    let shed = Route::ALL.map(|route| next_tab.ledger.route(route).unwrap().shed.len());
    assert_eq!(shed, [0, 0, 0], "the first route was tried, and an event is shed as a whole");
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let (mut memory, mut tracker) = (Memory::default(), tracker());
    memory.emit(&mut tracker, ALL, 1);
    let session = tracker.session();
    for (table, key, text) in [
        (Table::Sessions, "what".to_owned(), "?"),
        (Table::Events, event_key(session, 2), "[]"),
        (Table::Events, event_key(session, 3), "x y z\n{}"),
    ] {
        memory.0.insert((table, key), text.to_owned());
    }
    let adopted = memory.adopt(9000);
    assert_eq!((adopted.len(), adopted[0].1.len()), (1, 1 + 3));
}
