//! A copy stands where its state says, and its milestones have its own times.

use std::sync::Arc;

use domain::api::{Hops, Wait};
use domain::{Event, Kind, Source, Timestamp};
use tracker::DeliveryStatus;
use uuid::Uuid;

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn sent() -> EventCopy {
    let mut copy = EventCopy::default();
    copy.delivery(DeliveryStatus::Queued, at(0));
    copy.delivery(DeliveryStatus::Sent, at(15));
    copy
}

/// The trouble of a sender whose last request was refused with this status.
fn trouble(status: Option<u16>) -> Trouble {
    Trouble { status, reason: "the consumer is away".to_owned(), since: at(20), again_at: at(2000) }
}

/// The place, and the words of both milestones.
fn shown(route: Route, copy: &EventCopy, trouble: Option<&Trouble>) -> (&'static str, [String; 2]) {
    let CopyProgress { place, milestones, .. } = CopyProgress::of(route, Some(copy), trouble);
    (place, milestones.map(|Milestone { word, number, .. }| format!("{word} {number}").trim().to_owned()))
}

#[test]
fn a_copy_stands_where_its_state_says_with_its_own_times() {
    let idle = CopyProgress::of(Route::Kafka, None, None);
    assert_eq!((idle.state, idle.place, idle.milestones[0].state), ("idle", "browser", "open"));
    let mut copy = sent();
    let words = |answer: &str, processed: &str| [answer.to_owned(), processed.to_owned()];
    assert_eq!(shown(Route::Kafka, &copy, None), ("leaving", words("sent", "processed –")));

    copy.delivery(DeliveryStatus::Accepted(Wait::default()), at(27));
    assert_eq!(shown(Route::Kafka, &copy, None), ("store", words("answer after 12 ms", "not processed yet")));
    let on_push = shown(Route::HttpPush, &copy, None);
    assert_eq!(on_push, ("leaving", words("answer back after 12 ms", "not processed yet")), "it has no store");
    copy.is_in_ledger();
    assert_eq!(shown(Route::Kafka, &copy, None).1[1], "processed (no time)");
    copy.hops = Some(Hops { emitted: at(0), received: Some(at(20)), arrived: at(50), processed: at(60) });
    assert_eq!(shown(Route::Kafka, &copy, None), ("consumer", words("answer after 12 ms", "processed 45 ms")));
    copy.answered = None;
    assert_eq!(shown(Route::Kafka, &copy, None).1[0], "answer –", "the answer is still on its way");
}

#[test]
fn a_refused_copy_is_back_with_the_status() {
    let (mut copy, refused) = (sent(), trouble(Some(503)));
    copy.delivery(DeliveryStatus::Retry { reason: "the consumer is away".to_owned() }, at(30));
    let (place, [answer, processed]) = shown(Route::HttpPush, &copy, Some(&refused));
    assert_eq!((place, answer.as_str(), processed.as_str()), ("back", "refused, 503; sent again", "processed –"));
    assert_eq!(shown(Route::HttpPush, &copy, None).1[0], "not taken; sent again");
    copy.delivery(DeliveryStatus::Rejected { reason: "too large".to_owned() }, at(40));
    assert_eq!(shown(Route::HttpPush, &copy, Some(&refused)).1[0], "refused for good");
    copy.state = CopyState::Shed;
    assert_eq!(shown(Route::HttpPush, &copy, None).0, "browser", "it never left");
}

#[test]
fn a_copy_behind_a_refused_one_waits_where_that_one_waits() {
    let mut copy = EventCopy::default();
    copy.delivery(DeliveryStatus::Queued, at(0));
    let (place, [answer, _]) = shown(Route::HttpPush, &copy, None);
    assert_eq!((place, answer.as_str()), ("browser", "queued"));
    let refused = trouble(Some(503));
    let (place, [answer, _]) = shown(Route::HttpPush, &copy, Some(&refused));
    assert_eq!((place, answer.as_str()), ("back", "held up, 503; sent later"));
    assert_eq!(shown(Route::HttpPush, &copy, Some(&trouble(None))).1[0], "held up; sent later");
    copy.delivery(DeliveryStatus::Sent, at(2000));
    assert_eq!(shown(Route::HttpPush, &copy, Some(&refused)).0, "leaving", "the sender tries again");
}

#[test]
fn an_event_leaves_the_browser_with_its_first_copy() {
    let session = Source::Session(domain::SessionId(Uuid::nil()));
    let event = Event { sequence: Some(4), ..Event::new(Uuid::from_u128(1), session, Kind::ButtonClick, at(0)) };
    let mut row = EventRow::of(&Arc::new(event));
    row.copies = [Some(EventCopy::default()), None, Some(EventCopy::default())];
    assert_eq!((before_parting(&row), in_words(&row).as_str()), ("browser", "Click #4: one event, 2 copies."));
    row.copies[2] = Some(sent());
    assert_eq!((before_parting(&row), is_under_way(&row)), ("backend", true));
    row.copies = [None, None, Some(EventCopy { state: CopyState::Processed, ..EventCopy::default() })];
    assert_eq!((is_under_way(&row), in_words(&row).as_str()), (false, "Click #4: one event, 1 copy."));
    for (state, expected) in [(CopyState::Rejected, false), (CopyState::Shed, false), (CopyState::Retry, true)] {
        row.copies[0] = Some(EventCopy { state, ..EventCopy::default() });
        assert_eq!(is_under_way(&row), expected, "{state:?}");
    }
}
