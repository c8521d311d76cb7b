//! The properties of every valid event: it is the same after each way through the services.

use domain::Event;
use domain::event::{MAX_DATA_DEPTH, MAX_EVENT_BYTES};
use domain::kafka_record::{Attributes, each_attribute, event_from_record, value};

/// Checks an event that was accepted.
pub fn check(event: &Event) {
    assert_eq!(event.validate_from_anywhere(), Ok(()));
    assert!(event.data.depth() <= MAX_DATA_DEPTH);
    stays_as_a_line(event);
    stays_in_a_record(event);
}

/// http-push and http-poll carry an event as a line of JSON.
fn stays_as_a_line(event: &Event) {
    let line = serde_json::to_string(event).expect("an event is JSON");
    assert!(line.len() < MAX_EVENT_BYTES, "{} bytes", line.len());
    assert!(!line.contains(['\n', '\r']), "more than one line: {line}");
    let read: Event = serde_json::from_str(&line).expect("the consumer reads it");
    assert_eq!(&read, event);
}

/// Kafka carries an event as a value and headers.
fn stays_in_a_record(event: &Event) {
    let mut attributes = Attributes::default();
    each_attribute(event, |name, text| attributes.set(&name["ce_".len()..], text.to_owned()));
    let read = event_from_record(attributes, &value(event), String::new).expect("the consumer reads it");
    assert_eq!(&read, event);
}
