//! Dead-letter topics: a record that cannot be processed goes to `<topic>.dlq`; headers hold its place and the reason.

use std::collections::HashSet;
use std::time::Duration;

use domain::topics::DEAD_LETTER_SUFFIX;
use futures_util::future::join_all;
use rdkafka::Message;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Header, OwnedHeaders};
use rdkafka::producer::FutureRecord;

use crate::kafka::positions::{Move, Partition};
use crate::kafka::{Producer, access};

/// The most characters of a reason.
const MOST_CHARS: usize = 1000;

/// The dead letters of a member of a group.
pub(crate) struct DeadLetters {
    producer: Producer,
    /// The places of the poison records whose dead letters are written, and whose positions are not committed yet.
    written: HashSet<(Partition, i64)>,
}

impl DeadLetters {
    pub(crate) fn new(producer: Producer) -> Self {
        Self { producer, written: HashSet::new() }
    }

    /// Writes the dead letters of a batch, durably. The batch may come again: those that are written already are not written
    /// twice, even where another one failed.
    pub(crate) async fn write(&mut self, poison: &[(BorrowedMessage<'_>, String)]) -> Result<(), KafkaError> {
        let new = poison.iter().map(|(record, reason)| (place(record), record, reason.as_str()));
        let new = new.filter(|(place, ..)| !self.written.contains(place));
        let publish = async |(place, record, reason)| (place, publish(&self.producer, record, reason).await);
        let mut all = Ok(());
        for (place, written) in join_all(new.map(publish)).await {
            match written {
                Ok(()) => _ = self.written.insert(place),
                Err(error) => all = Err(error),
            }
        }
        all
    }

    /// Forgets the records whose positions are committed.
    pub(crate) fn forget(&mut self, committed: &[Move]) {
        let comes_again = |partition: &Partition, offset| {
            committed.iter().all(|step| step.partition != *partition || step.to <= offset)
        };
        self.written.retain(|(partition, offset)| comes_again(partition, *offset));
    }

    /// Forgets everything: another member may get the partitions, and a topic that was created again has other records.
    pub(crate) fn forget_all(&mut self) {
        self.written.clear();
    }
}

fn place(record: &BorrowedMessage<'_>) -> (Partition, i64) {
    (Partition { topic: record.topic().to_owned(), number: record.partition() }, record.offset())
}

/// Writes a poison record to its dead-letter topic, durably.
///
/// A record that is too large together with its place and reason leaves only these: a record that no dead letter can hold
/// must not stop the records behind it.
async fn publish(producer: &Producer, record: &BorrowedMessage<'_>, reason: &str) -> Result<(), KafkaError> {
    let reason: String = reason.chars().take(MOST_CHARS).collect();
    let headers = record.headers().map_or_else(OwnedHeaders::new, BorrowedHeaders::detach);
    let payload = record.payload().unwrap_or_default();
    let mut sent = send(producer, record, headers, payload, &reason).await;
    if matches!(&sent, Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge)) {
        let reason = format!("{reason}; the record of {} bytes is too large for a dead letter", payload.len());
        sent = send(producer, record, OwnedHeaders::new(), &[], &reason).await;
    }
    sent?;
    metrics::counter!("ese_dead_letters_total", "topic" => record.topic().to_owned()).increment(1);
    let (topic, partition, offset) = (record.topic(), record.partition(), record.offset());
    tracing::warn!(topic, partition, offset, reason, "a record cannot be processed; it went to the dead-letter topic");
    Ok(())
}

async fn send(
    producer: &Producer,
    record: &BorrowedMessage<'_>,
    headers: OwnedHeaders,
    payload: &[u8],
    reason: &str,
) -> Result<(), KafkaError> {
    let topic = format!("{}{DEAD_LETTER_SUFFIX}", record.topic());
    let (partition, offset) = (record.partition().to_string(), record.offset().to_string());
    let notes =
        [("dlq-topic", record.topic()), ("dlq-partition", &partition), ("dlq-offset", &offset), ("dlq-reason", reason)];
    let headers =
        notes.into_iter().fold(headers, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
    let dead_letter = FutureRecord::to(&topic).key(record.key().unwrap_or_default()).payload(payload).headers(headers);
    let sent = producer.send(dead_letter, Duration::from_secs(5)).await;
    sent.map(drop).map_err(|(error, _)| error).inspect_err(|error| access::note_error(error, &topic))
}
