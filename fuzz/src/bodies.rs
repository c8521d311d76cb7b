//! The bodies of requests with events: CloudEvents in three forms, and the original example's contracts.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use backend::http::body::{Item, items};
use backend::http::kafka_rest::checked;
use domain::api::seed::{SeedEvent, SeedEvents, SeedLog};
use domain::api::{BATCH, MAX_BATCH_EVENTS, STRUCTURED};
use domain::event::MAX_KEY_BYTES;
use domain::kafka_record::{Attributes, event_from_record};
use domain::topics::Topic;
use domain::{EventType, Timestamp};
use uuid::Uuid;

use crate::events;
use crate::headed::Headed;
use crate::refusal::reason;

const SEEN_AT: &str = "127.0.0.1";
/// The time of the backend, whole milliseconds.
const NOW: Timestamp = Timestamp::from_millis(1_769_860_800_000);

/// A batch: a result for each event, the same whatever stands beside it.
pub fn batch(body: &[u8]) {
    let Some(items) = read(BATCH, body) else { return };
    assert!((1..=MAX_BATCH_EVENTS).contains(&items.len()));
    // With a number for an event, each of the others is read by itself.
    let mut mixed = body.trim_ascii_end().to_vec();
    mixed.pop();
    mixed.extend_from_slice(b",0]");
    match read(BATCH, &mixed) {
        Some(mixed) => assert_same(&items, &mixed[..items.len()]),
        None => assert_eq!(items.len(), MAX_BATCH_EVENTS),
    }
}

/// One event: the same result as in a batch of its own.
pub fn structured(body: &[u8]) {
    let Some(alone) = read(STRUCTURED, body) else { return };
    let in_batch = read(BATCH, &[b"[", body, b"]"].concat()).expect("a batch with one event");
    assert_same(&alone, &in_batch);
}

/// An event in headers, with its data in the body.
pub fn binary(input: &[u8]) {
    let Headed { head, body } = Headed::of(input);
    let mut headers = HeaderMap::new();
    for (name, value) in head {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    assert!(parse(&headers, body).is_none_or(|items| items.len() == 1));
}

/// `POST /event`.
pub fn seed_event(body: &[u8]) {
    match serde_json::from_slice(body) {
        Ok(event) => seed(event),
        Err(error) => reason(&runtime::problem::short(&error)),
    }
}

/// `POST /events`.
pub fn seed_events(body: &[u8]) {
    match serde_json::from_slice::<SeedEvents>(body) {
        Ok(body) => body.events.into_iter().take(MAX_BATCH_EVENTS).for_each(seed),
        Err(error) => reason(&runtime::problem::short(&error)),
    }
}

fn seed(given: SeedEvent) {
    let event = given.into_event(Uuid::nil(), SEEN_AT, NOW);
    if let Err(invalid) = event.validate_from_anywhere() {
        return reason(&invalid.to_string());
    }
    assert!((1..=MAX_KEY_BYTES).contains(&event.partitionkey.len()));
    events::check(&event);
    let log = serde_json::to_string(&SeedLog::of(event).expect("the contract has known types alone"))
        .expect("the answer is JSON");
    let read: SeedLog = serde_json::from_str(&log).expect("the original example's page reads it");
    assert_eq!(serde_json::to_string(&read).ok(), Some(log));
}

/// `POST /topics/{topic}`: no record that the consumer cannot process.
pub fn topics(body: &[u8]) {
    for topic in Topic::ALL {
        let records = match checked(topic, body, SEEN_AT) {
            Ok(records) => records,
            Err(refusal) => {
                reason(&refusal.error.message);
                continue;
            }
        };
        assert!((1..=MAX_BATCH_EVENTS).contains(&records.len()));
        for record in records {
            let place = || topic.name().to_owned();
            let event = event_from_record(Attributes::default(), record.value.as_bytes(), place);
            let event = event.expect("the consumer reads it");
            assert!(matches!(&event.kind, EventType::Known(kind) if kind.topic() == topic));
            assert!(!event.partitionkey.is_empty(), "its key has no address");
            assert!(record.partition.is_none_or(|partition| partition >= 0));
            events::check(&event);
        }
    }
}

fn read(media_type: &'static str, body: &[u8]) -> Option<Vec<Item>> {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
    parse(&headers, body)
}

/// The items of a body, each with a valid event or a reason; nothing if the whole body is refused, with a reason.
fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Vec<Item>> {
    let items = items(headers, body).inspect_err(|refusal| reason(&refusal.detail)).ok()?;
    for item in &items {
        assert!(item.id.as_ref().is_none_or(|id| id.chars().count() <= 100));
        match &item.event {
            Ok(event) => {
                assert_eq!(event.validate(), Ok(()));
                events::check(event);
            }
            Err(text) => reason(text),
        }
    }
    Some(items)
}

/// Their reasons may name other lines and columns.
fn assert_same(some: &[Item], others: &[Item]) {
    assert_eq!(some.len(), others.len());
    for (one, other) in some.iter().zip(others) {
        assert_eq!((&one.id, one.event.as_ref().ok()), (&other.id, other.event.as_ref().ok()));
    }
}
