//! Tests of a session against answers of all kinds.

use domain::Event;
use domain::Kind;
use domain::api::{EventResult, IngestReply, Outcome, Problem, Wait};
use proptest::prelude::*;
use serde_json::json;

use super::*;

pub(crate) const ALL: RouteChoice = RouteChoice::All;
const KAFKA: RouteChoice = RouteChoice::One(Route::Kafka);

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn tracker() -> Tracker {
    Tracker::new(SessionId(Uuid::from_u128(7)), Limit::of_bytes(10_000))
}

pub(crate) fn emit(tracker: &mut Tracker, choice: RouteChoice, count: u64) {
    for _ in 0..count {
        let id = Uuid::from_u128(u128::from(tracker.last) + 100);
        tracker.emit(Kind::ButtonClick, json!({}), choice, id, at(0));
    }
}

fn next(tracker: &mut Tracker, now: i64) -> Option<Request> {
    tracker.next_request(at(now)).map(|(request, _)| request)
}

pub(crate) fn retry(after_ms: u64) -> Outcome {
    Outcome::Retry { after_ms, reason: "the consumer is down".to_owned() }
}

/// The same outcome for all events.
pub(crate) fn reply(request: &Request, outcome: &Outcome) -> Answer {
    let result = || EventResult { id: None, routes: [(request.route, outcome.clone())].into() };
    Answer::Reply(IngestReply { results: request.numbers.iter().map(|_| result()).collect(), ..IngestReply::default() })
}

fn refused(status: u16, retry_after_ms: Option<u64>) -> Answer {
    let (title, detail, results) = (String::new(), "no".to_owned(), Vec::new());
    Answer::Refused(Problem { status, title, detail, retry_after_ms, dependency: None, results })
}

fn shape(request: &Request) -> (Route, &[u64]) {
    (request.route, &request.numbers)
}

/// The requests that are due now.
fn requests(tracker: &mut Tracker, now: i64) -> Vec<Request> {
    std::iter::from_fn(|| next(tracker, now)).collect()
}

#[test]
fn an_event_for_all_takes_one_request_for_each_route_one_at_a_time() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 2);
    let first = requests(&mut tracker, 0);
    assert_eq!(first.iter().map(shape).collect::<Vec<_>>(), Route::ALL.map(|route| (route, &[1, 2][..])));
    assert!(first.iter().all(|request| request.body == first[0].body));
    let events: Vec<Event> = serde_json::from_str(&first[0].body).unwrap();
    assert!(events.iter().all(|event| event.validate().is_ok()));

    emit(&mut tracker, ALL, 1);
    assert_eq!(next(&mut tracker, 0), None, "one at a time");
    let events = tracker.answered(&first[0], reply(&first[0], &Outcome::Duplicate), 0.0, at(5));
    assert_eq!(events.len(), 2);
    let second = requests(&mut tracker, 5);
    assert_eq!(second.iter().map(shape).collect::<Vec<_>>(), [(Route::HttpPush, &[3][..])], "it waits for no other");
    assert_eq!(tracker.ledger.route(Route::HttpPush).unwrap().accepted.to_string(), "1-2");
    assert!(tracker.ledger.route(Route::Kafka).unwrap().accepted.is_empty());
}

#[test]
fn a_route_that_refuses_waits_alone_and_keeps_its_order() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    for request in requests(&mut tracker, 0) {
        let outcome = if request.route == Route::HttpPush { retry(2000) } else { Outcome::Accepted };
        tracker.answered(&request, reply(&request, &outcome), 0.0, at(0));
    }
    let status = tracker.status();
    assert_eq!([0, 1, 2].map(|route| status.routes[route].waiting), [1, 0, 0]);
    assert_eq!(status.routes[0].trouble.as_ref().unwrap().again_at, at(2000));

    emit(&mut tracker, ALL, 1);
    let others = requests(&mut tracker, 1);
    let alone = [Route::HttpPoll, Route::Kafka].map(|route| (route, &[2][..]));
    assert_eq!(others.iter().map(shape).collect::<Vec<_>>(), alone, "2 does not overtake 1 on http-push");
    assert_eq!(next(&mut tracker, 1999), None);
    assert_eq!(tracker.wake_at().unwrap(), at(0), "the report is due");

    let request = next(&mut tracker, 2000).unwrap();
    assert_eq!(shape(&request), (Route::HttpPush, &[1, 2][..]));
    tracker.answered(&request, reply(&request, &Outcome::Accepted), 0.0, at(2001));
    assert_eq!(tracker.status().routes[0].trouble, None);
}

#[test]
fn the_own_queue_is_no_part_of_the_wait_for_a_route_but_a_refusal_is() {
    let mut tracker = tracker();
    tracker.set_pace(Pace::Buffered { events: 10, millis: 15 }, at(0));
    emit(&mut tracker, KAFKA, 1);
    assert_eq!(next(&mut tracker, 14), None);
    let request = next(&mut tracker, 15).unwrap();
    tracker.answered(&request, reply(&request, &retry(2000)), 0.0, at(20));
    let request = next(&mut tracker, 2020).unwrap();
    let events = tracker.answered(&request, reply(&request, &Outcome::Accepted), 0.0, at(2025));
    let wait = Wait { queued_us: 15_000, accepted_us: 2_010_000 };
    let TrackerEvent::Delivery { status, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!(*status, DeliveryStatus::Accepted(wait));
    assert_eq!(tracker.ledger.due(at(2025)).unwrap().1.waits[Route::Kafka], [wait]);
}

#[test]
fn a_rejected_event_is_counted_and_never_sent_again() {
    for (status, gone) in [(400, true), (413, true), (415, true), (404, false), (429, false), (503, false)] {
        let mut tracker = tracker();
        emit(&mut tracker, KAFKA, 1);
        let request = next(&mut tracker, 0).unwrap();
        tracker.answered(&request, refused(status, Some(3000)), 1.0, at(0));
        assert_eq!(tracker.queue.is_empty(), gone, "{status}");
        assert_eq!(tracker.ledger.route(Route::Kafka).unwrap().rejected.contains(1), gone, "{status}");
        assert_eq!(next(&mut tracker, 2999), None, "{status}");
        assert_eq!(next(&mut tracker, 3000).is_some(), !gone, "{status}");
    }
}

#[test]
fn a_refused_key_or_origin_gives_no_event_up_but_slows_down() {
    for status in [401, 403] {
        let mut tracker = tracker();
        emit(&mut tracker, KAFKA, 1);
        let request = next(&mut tracker, 0).unwrap();
        tracker.answered(&request, refused(status, None), 0.0, at(0));
        assert!(tracker.ledger.route(Route::Kafka).unwrap().rejected.is_empty(), "{status}");
        assert_eq!(next(&mut tracker, 59_999), None, "{status}");
        assert_eq!(next(&mut tracker, 60_000).unwrap().numbers, request.numbers, "{status}");
    }
}

#[test]
fn a_batch_that_is_too_large_is_split() {
    let mut tracker = tracker();
    emit(&mut tracker, KAFKA, 5);
    let request = next(&mut tracker, 0).unwrap();
    tracker.answered(&request, refused(413, None), 0.0, at(0));
    let request = next(&mut tracker, 0).unwrap();
    assert_eq!(request.numbers, [1, 2]);
    tracker.answered(&request, reply(&request, &Outcome::Accepted), 0.0, at(0));
    assert_eq!(next(&mut tracker, 0).unwrap().numbers, [3, 4, 5]);
}

#[test]
fn the_json_of_an_event_is_that_of_the_type() {
    let mut tracker = tracker();
    let (id, data) = (Uuid::from_u128(9), json!({ "button": "\"<b>\"" }));
    let json = tracker.prepare(Kind::ButtonClick.name(), &data.to_string(), id, at(1500)).json;
    let event: Event = serde_json::from_str(&json).unwrap();
    event.validate().unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), *json);
    let quoted = tracker.prepare("com.example.\"x\"", "null", id, at(0)).json;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&quoted).unwrap()["type"], "com.example.\"x\"");
}

#[test]
fn a_full_queue_sheds_its_oldest_event_that_was_never_sent() {
    for limit in [Limit::of_bytes(1500), Limit { events: 4, bytes: usize::MAX }] {
        let mut tracker = Tracker::new(SessionId(Uuid::nil()), limit);
        emit(&mut tracker, KAFKA, 2);
        let request = next(&mut tracker, 0).unwrap();
        emit(&mut tracker, KAFKA, 18);
        let report = tracker.ledger.route(Route::Kafka).unwrap();
        assert_eq!((report.emitted.len(), report.emitted.fragments()), (20, 1));
        assert_eq!(report.shed.len() + tracker.queue.len() as u64, 20);
        assert!(report.shed.contains(3) && !report.shed.contains(20), "the oldest goes: {}", report.shed);
        assert!(!report.shed.contains(1) && !report.shed.contains(2), "these may have arrived: {}", report.shed);
        assert!(tracker.queue.bytes() <= limit.bytes && tracker.queue.len() <= limit.events);
        tracker.answered(&request, Answer::Unreachable(String::new()), 0.0, at(0));
        emit(&mut tracker, KAFKA, 5);
        assert!(!tracker.ledger.route(Route::Kafka).unwrap().shed.contains(1), "no answer says nothing");
    }
}

#[test]
fn an_event_that_never_fits_sheds_no_other() {
    let mut tracker = Tracker::new(SessionId(Uuid::nil()), Limit::of_bytes(1000));
    emit(&mut tracker, KAFKA, 1);
    let large = json!("x".repeat(1000));
    tracker.emit(Kind::ButtonClick, large, KAFKA, Uuid::from_u128(5), at(0));
    assert_eq!(tracker.ledger.route(Route::Kafka).unwrap().shed.to_string(), "2");
    assert_eq!(tracker.queue.len(), 1);
}

#[test]
fn the_sessions_of_a_page_share_a_limit_and_older_ones_shed_first() {
    let mut trackers = [3, 4].map(|session| Tracker::new(SessionId(Uuid::from_u128(session)), Limit::PAGE));
    trackers.iter_mut().for_each(|tracker| emit(tracker, KAFKA, 5));
    let events = bound(&mut trackers, Limit { events: 3, bytes: usize::MAX }, at(0));
    assert_eq!(trackers.each_ref().map(|tracker| tracker.queue.len()), [3, 0]);
    assert_eq!(events.len(), 7);
    assert_eq!(trackers[0].ledger.route(Route::Kafka).unwrap().shed.to_string(), "1-2");
}

#[test]
fn what_is_forgotten_is_shed_unless_it_was_sent() {
    let mut tracker = tracker();
    emit(&mut tracker, KAFKA, 2);
    let sent = next(&mut tracker, 0).unwrap();
    emit(&mut tracker, KAFKA, 2);
    tracker.forget(at(1));
    assert!(tracker.queue.is_empty() && tracker.queue.bytes() == 0);
    let report = tracker.ledger.report();
    assert_eq!(report.routes[Route::Kafka].shed.to_string(), "3-4");
    for answer in [Answer::Unreachable(String::new()), refused(503, None), reply(&sent, &retry(0))] {
        assert_eq!(tracker.answered(&sent, answer, 0.0, at(2)), []);
        assert_eq!(
            (next(&mut tracker, 60_000), tracker.ledger.report()),
            (None, report.clone()),
            "it is not sent again"
        );
    }
}

#[test]
fn a_page_that_closes_sends_what_fits_even_without_an_answer() {
    let mut tracker = tracker();
    emit(&mut tracker, KAFKA, 2);
    let first = next(&mut tracker, 0).unwrap();
    emit(&mut tracker, ALL, 1);
    let mut budget = first.body.len();
    let last = tracker.last_requests(&mut budget, at(1));
    let numbers: Vec<_> = last.iter().map(shape).collect();
    assert_eq!(numbers, [(Route::HttpPush, &[3][..])], "the others do not fit");
    let last = tracker.last_requests(&mut 10_000, at(1));
    assert_eq!(last.iter().map(|request| request.numbers.len()).collect::<Vec<_>>(), [1, 1, 3]);
}

#[test]
fn without_an_answer_the_event_stays_and_can_be_sent_now() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    for request in requests(&mut tracker, 0) {
        tracker.answered(&request, Answer::Unreachable("no answer".to_owned()), 1.0, at(0));
    }
    assert_eq!(tracker.status().waiting(ALL), 1);
    assert_eq!(next(&mut tracker, 499), None);
    tracker.flush_now();
    assert_eq!(requests(&mut tracker, 499).len(), 3, "it is pending on all three");
}

#[test]
fn buffered_events_wait_for_the_user() {
    let mut tracker = tracker();
    tracker.set_pace(Pace::Buffered { events: 10, millis: 60_000 }, at(0));
    emit(&mut tracker, KAFKA, 3);
    assert_eq!((next(&mut tracker, 0), tracker.status().held), (None, 3));
    tracker.flush_now();
    assert_eq!(next(&mut tracker, 0).unwrap().numbers, [1, 2, 3]);
}

proptest! {
    /// With any answers, each number ends as accepted, rejected or shed, in exactly one of them.
    #[test]
    fn every_number_is_accounted_for(steps in prop::collection::vec((0u8..4, 0u8..6, 1u64..4), 1..60)) {
        let (mut tracker, mut now) = (Tracker::new(SessionId(Uuid::nil()), Limit::of_bytes(3000)), 0);
        let answer = |request: &Request, what: u8| match what {
            0 => reply(request, &Outcome::Accepted),
            1 => reply(request, &retry(10)),
            2 => refused(503, Some(50)),
            3 => refused(413, None),
            4 => Answer::Unreachable(String::new()),
            _ => Answer::Reply(IngestReply::default()),
        };
        for (choice, what, count) in steps {
            let choice = Route::ALL.get(usize::from(choice)).map_or(ALL, |&route| RouteChoice::One(route));
            emit(&mut tracker, choice, count);
            now += 400;
            while let Some(request) = next(&mut tracker, now) {
                // Each route is answered in its own way.
                let answer = answer(&request, (what + request.route as u8) % 6);
                tracker.answered(&request, answer, 0.5, at(now));
            }
        }
        for _ in 0..200 {
            now += 20_000;
            while let Some(request) = next(&mut tracker, now) {
                let answer = reply(&request, &Outcome::Accepted);
                tracker.answered(&request, answer, 0.5, at(now));
            }
        }
        prop_assert!(tracker.queue.is_empty() && tracker.queue.bytes() == 0);
        for route in Route::ALL {
            let Some(report) = tracker.ledger.route(route) else { continue };
            let parts = report.accepted.len() + report.rejected.len() + report.shed.len();
            prop_assert_eq!(parts, report.emitted.len());
            prop_assert_eq!(&report.accepted.union(&report.rejected).union(&report.shed), &report.emitted);
        }
    }
}

proptest! {
    /// One route never takes anything: on the other two each event is sent as soon as their last answer is there.
    #[test]
    fn a_route_that_refuses_for_ever_delays_no_other(
        refuses in 0usize..3,
        whats in prop::collection::vec(0u8..3, 1..40),
        answer_ms in 1i64..50,
    ) {
        let (mut tracker, mut now, mut emitted) = (Tracker::new(SessionId(Uuid::nil()), Limit::of_bytes(1_000_000)), 0, 0);
        let mut hangs: Option<(Request, i64)> = None;
        for what in whats {
            emit(&mut tracker, ALL, 1);
            emitted += 1;
            let due = requests(&mut tracker, now);
            let (dead, alive): (Vec<_>, Vec<_>) = due.into_iter().partition(|request| request.route as usize == refuses);
            prop_assert_eq!(alive.len(), 2, "both are sent at once");
            hangs = dead.into_iter().next().map(|request| (request, now + 5000)).or(hangs);
            now += answer_ms;
            for request in alive {
                prop_assert_eq!(&request.numbers, &[emitted]);
                tracker.answered(&request, reply(&request, &Outcome::Accepted), 0.5, at(now));
            }
            if let Some((request, _)) = hangs.take_if(|(_, until)| *until <= now) {
                let answer = match what {
                    0 => reply(&request, &retry(60_000)),
                    1 => refused(503, Some(60_000)),
                    _ => Answer::Unreachable(String::new()),
                };
                tracker.answered(&request, answer, 0.5, at(now));
            }
        }
        let mut expected = [0; 3];
        expected[refuses] = emitted as usize;
        prop_assert_eq!(tracker.status().routes.map(|route| route.waiting), expected);
    }
}

#[test]
fn a_refusal_is_read_with_and_without_a_problem_body() {
    let wait = |header, body: &str| match Answer::refused(503, "Service Unavailable".to_owned(), header, body) {
        Answer::Refused(problem) => (problem.retry_after_ms, problem.detail),
        other => panic!("{other:?}"),
    };
    let problem = r#"{"status":500,"title":"","detail":"full","retry_after_ms":250}"#;
    assert_eq!(wait(Some("1"), problem), (Some(250), "full".to_owned()), "milliseconds are more exact");
    let proxy = "the server answers 503 Service Unavailable".to_owned();
    assert_eq!(wait(Some("2"), "<h1>Go away</h1>"), (Some(2000), proxy.clone()));
    assert_eq!(wait(Some("Fri, 31 Dec 1999 23:59:59 GMT"), ""), (None, proxy));
}
