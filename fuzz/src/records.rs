//! Records in Kafka: those of the backend, and those of any other producer.

use consumer::source::kafka::event;
use domain::topics::Topic;
use rdkafka::Timestamp;
use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

use crate::events;
use crate::headed::Headed;
use crate::refusal::reason;

/// The consumer's reading of a record.
pub fn record(input: &[u8]) {
    let Headed { head, body: value } = Headed::of(input);
    let mut headers = OwnedHeaders::new();
    for (name, value) in head {
        // A name ends at its first zero for librdkafka.
        if let Ok(key) = std::str::from_utf8(name)
            && !key.contains('\0')
        {
            headers = headers.insert(Header { key, value: Some(value) });
        }
    }
    let topic = Topic::Clicks.name().to_owned();
    let headers = Some(headers);
    let record = OwnedMessage::new(Some(value.to_vec()), None, topic, Timestamp::NotAvailable, 1, 42, headers);
    match event(&record) {
        Ok(event) => events::check(&event),
        // A dead letter has the beginning of it.
        Err(poison) => reason(&poison.chars().take(500).collect::<String>()),
    }
}
