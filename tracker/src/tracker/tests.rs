//! Tests of a session against answers of all kinds.

use domain::api::{EventResult, IngestReply, Outcome, Problem};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const ALL: RouteChoice = RouteChoice::All;
const KAFKA: RouteChoice = RouteChoice::One(Route::Kafka);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn tracker() -> Tracker {
    Tracker::new(SessionId(Uuid::from_u128(7)), 10_000)
}

fn emit(tracker: &mut Tracker, choice: RouteChoice, count: u64) {
    for _ in 0..count {
        let id = Uuid::from_u128(u128::from(tracker.last) + 100);
        tracker.emit(Kind::ButtonClick, json!({}), choice, id, at(0));
    }
}

fn next(tracker: &mut Tracker, now: i64) -> Option<Request> {
    tracker.next_request(at(now)).map(|(request, _)| request)
}

fn retry(after_ms: u64) -> Outcome {
    Outcome::Retry { after_ms, reason: "the consumer is down".to_owned() }
}

/// The same outcome for all events, but `push` on http-push.
fn reply(request: &Request, others: &Outcome, push: &Outcome) -> Answer {
    let outcome = |&route| (route, if route == Route::HttpPush { push.clone() } else { others.clone() });
    let routes: domain::ByRoute<_> = request.choice.routes().iter().map(outcome).collect();
    let results = request.numbers.iter().map(|_| EventResult { id: None, routes: routes.clone() }).collect();
    Answer::Reply(IngestReply { results })
}

fn refused(status: u16, retry_after_ms: Option<u64>) -> Answer {
    let detail = "no".to_owned();
    Answer::Refused(Problem { status, title: String::new(), detail, retry_after_ms, results: Vec::new() })
}

fn shape(request: Option<Request>) -> Option<(RouteChoice, Vec<u64>)> {
    request.map(|request| (request.choice, request.numbers))
}

#[test]
fn events_for_all_travel_together_one_request_at_a_time() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 2);
    let request = next(&mut tracker, 0).unwrap();
    assert_eq!((request.choice, request.numbers.as_slice()), (ALL, &[1, 2][..]));
    let events: Vec<Event> = serde_json::from_str(&request.body).unwrap();
    assert!(events.iter().all(|event| event.validate().is_ok()));

    emit(&mut tracker, ALL, 1);
    assert_eq!(next(&mut tracker, 0), None, "one at a time");
    let events = tracker.answered(&request, reply(&request, &Outcome::Accepted, &Outcome::Duplicate), 0.0, at(5));
    assert_eq!(events.len(), 6);
    assert_eq!(shape(next(&mut tracker, 5)), Some((ALL, vec![3])));
    assert_eq!(tracker.ledger.route(Route::HttpPush).unwrap().accepted.to_string(), "1-2");
}

#[test]
fn a_route_that_refuses_gets_its_own_request_later_in_order() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    let request = next(&mut tracker, 0).unwrap();
    tracker.answered(&request, reply(&request, &Outcome::Accepted, &retry(2000)), 0.0, at(0));
    let status = tracker.status();
    assert_eq!([0, 1, 2].map(|route| status.routes[route].waiting), [1, 0, 0]);
    assert_eq!(status.routes[0].trouble.as_ref().unwrap().again_at, at(2000));

    emit(&mut tracker, ALL, 1);
    let others = [shape(next(&mut tracker, 1)), shape(next(&mut tracker, 1))];
    let alone = |route| Some((RouteChoice::One(route), vec![2]));
    assert_eq!(others, [alone(Route::HttpPoll), alone(Route::Kafka)], "2 does not overtake 1 on http-push");
    assert_eq!(next(&mut tracker, 1999), None);
    assert_eq!(tracker.wake_at().unwrap(), at(0), "the report is due");

    let request = next(&mut tracker, 2000).unwrap();
    assert_eq!((request.choice, request.numbers.as_slice()), (RouteChoice::One(Route::HttpPush), &[1, 2][..]));
    tracker.answered(&request, reply(&request, &Outcome::Accepted, &Outcome::Accepted), 0.0, at(2001));
    assert_eq!(tracker.status().routes[0].trouble, None);
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
fn a_batch_that_is_too_large_is_split() {
    let mut tracker = tracker();
    emit(&mut tracker, KAFKA, 5);
    let request = next(&mut tracker, 0).unwrap();
    tracker.answered(&request, refused(413, None), 0.0, at(0));
    let request = next(&mut tracker, 0).unwrap();
    assert_eq!(request.numbers, [1, 2]);
    tracker.answered(&request, reply(&request, &Outcome::Accepted, &Outcome::Accepted), 0.0, at(0));
    assert_eq!(next(&mut tracker, 0).unwrap().numbers, [3, 4, 5]);
}

#[test]
fn a_full_queue_sheds_the_new_event_and_counts_it() {
    let mut tracker = Tracker::new(SessionId(Uuid::nil()), 1000);
    emit(&mut tracker, KAFKA, 20);
    let report = tracker.ledger.route(Route::Kafka).unwrap();
    assert_eq!((report.emitted.len(), report.emitted.fragments()), (20, 1));
    assert_eq!(report.shed.len() + tracker.queue.iter().count() as u64, 20);
    assert!(!report.shed.contains(1) && report.shed.contains(20) && tracker.queue.bytes() <= 1000);
}

#[test]
fn without_an_answer_the_event_stays_and_can_be_sent_now() {
    let mut tracker = tracker();
    emit(&mut tracker, ALL, 1);
    let request = next(&mut tracker, 0).unwrap();
    tracker.answered(&request, Answer::Unreachable("no answer".to_owned()), 1.0, at(0));
    assert_eq!(tracker.status().waiting(ALL), 1);
    assert_eq!(next(&mut tracker, 499), None);
    tracker.flush_now();
    assert_eq!(shape(next(&mut tracker, 499)), Some((ALL, vec![1])), "it is pending on all three");
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
        let (mut tracker, mut now) = (Tracker::new(SessionId(Uuid::nil()), 3000), 0);
        let answer = |request: &Request, what: u8| match what {
            0 => reply(request, &Outcome::Accepted, &retry(100)),
            1 => reply(request, &retry(10), &Outcome::Accepted),
            2 => refused(503, Some(50)),
            3 => refused(413, None),
            4 => Answer::Unreachable(String::new()),
            _ => Answer::Reply(IngestReply { results: Vec::new() }),
        };
        for (choice, what, count) in steps {
            emit(&mut tracker, CHOICES[usize::from(choice)], count);
            now += 400;
            while let Some(request) = next(&mut tracker, now) {
                let answer = answer(&request, what);
                tracker.answered(&request, answer, 0.5, at(now));
            }
        }
        for _ in 0..200 {
            now += 20_000;
            while let Some(request) = next(&mut tracker, now) {
                let answer = reply(&request, &Outcome::Accepted, &Outcome::Accepted);
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
