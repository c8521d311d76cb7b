//! Dead-letter topics: a record that cannot be processed goes to `<topic>.dlq`; headers hold its place and the reason.

use std::time::Duration;

use domain::record::DEAD_LETTER_SUFFIX;
use rdkafka::Message;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Header, OwnedHeaders};
use rdkafka::producer::FutureRecord;

use crate::kafka::Producer;

/// Writes a poison record to its dead-letter topic, durably.
pub async fn publish(producer: &Producer, record: &BorrowedMessage<'_>, reason: &str) -> Result<(), KafkaError> {
    let topic = format!("{}{DEAD_LETTER_SUFFIX}", record.topic());
    let (partition, offset) = (record.partition().to_string(), record.offset().to_string());
    let mut headers = record.headers().map_or_else(OwnedHeaders::new, BorrowedHeaders::detach);
    let notes =
        [("dlq-topic", record.topic()), ("dlq-partition", &partition), ("dlq-offset", &offset), ("dlq-reason", reason)];
    for (key, value) in notes {
        headers = headers.insert(Header { key, value: Some(value) });
    }
    let dead_letter = FutureRecord::to(&topic)
        .key(record.key().unwrap_or_default())
        .payload(record.payload().unwrap_or_default())
        .headers(headers);
    producer.send(dead_letter, Duration::from_secs(5)).await.map_err(|(error, _)| error)?;
    metrics::counter!("ese_dead_letters_total", "topic" => record.topic().to_owned()).increment(1);
    tracing::warn!(partition, offset, reason, "a record of {} cannot be processed; it went to {topic}", record.topic());
    Ok(())
}
