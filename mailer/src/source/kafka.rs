//! The topic `mail-requests`: taken into the record first, committed after; a request read twice is known by its id.

use std::time::Duration;

use domain::mail::MailRequest;
use domain::record::MAIL_TOPIC;
use futures_util::FutureExt;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset, TopicPartitionList};
use runtime::backoff::Backoff;
use runtime::dead_letters;
use runtime::kafka::{Consumer, Producer, Topic, make_topics, next as next_record};
use tokio_util::sync::CancellationToken;

use super::Intake;
use crate::store::StoreError;

/// The most requests in one transaction.
const LIMIT: usize = 100;
/// How long a seek may take.
const SEEK: Duration = Duration::from_secs(5);

/// The Kafka source.
pub struct Kafka {
    /// Where the brokers are.
    pub brokers: String,
    /// The group's member.
    pub consumer: Consumer,
    /// For dead letters.
    pub producer: Producer,
    /// Where requests go.
    pub intake: Intake,
}

#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("Kafka failed")]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kafka {
    /// Consumes until the service stops.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let topics = [Topic::new(MAIL_TOPIC, 1), Topic::dead_letters(MAIL_TOPIC)];
        stop.run_until_cancelled(make_topics(&self.brokers, &topics)).await;
        self.consumer.subscribe(&[MAIL_TOPIC])?;
        let mut backoff = Backoff::default();
        // Requests read and not yet in the record; they stay here while the record cannot be written.
        let (mut requests, mut read) = (Vec::new(), TopicPartitionList::new());
        while !stop.is_cancelled() {
            match self.step(&mut requests, &mut read, &stop).await {
                Ok(()) => backoff.reset(),
                Err(SourceError::Kafka(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) => {
                    return Err(anyhow::Error::from(error).context("Kafka takes this consumer no more"));
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "mail requests wait; trying again");
                    stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
                }
            }
        }
        self.consumer.unsubscribe();
        Ok(())
    }

    async fn step(
        &self,
        requests: &mut Vec<MailRequest>,
        read: &mut TopicPartitionList,
        stop: &CancellationToken,
    ) -> Result<(), SourceError> {
        if requests.is_empty() {
            let Some(first) = stop.run_until_cancelled(next_record(&self.consumer)).await else { return Ok(()) };
            let mut record = first?;
            loop {
                match self.request(&record).await {
                    Ok(request) => requests.extend(request),
                    Err(error) => {
                        // Neither taken nor buried: it must come again.
                        let here = Offset::Offset(record.offset());
                        self.consumer.seek(record.topic(), record.partition(), here, SEEK)?;
                        return Err(error.into());
                    }
                }
                set_next(read, &record)?;
                if requests.len() >= LIMIT {
                    break;
                }
                match next_record(&self.consumer).now_or_never() {
                    Some(Ok(more)) => record = more,
                    Some(Err(_)) | None => break,
                }
            }
        }
        self.intake.take(requests).await?;
        requests.clear();
        if let Err(error) = self.consumer.commit(read, CommitMode::Async) {
            tracing::debug!(%error, "the broker does not know the offsets; what comes again is known by its id");
        }
        Ok(())
    }

    /// The record as a request; none if it is poison, which then is in the dead-letter topic.
    async fn request(&self, record: &BorrowedMessage<'_>) -> Result<Option<MailRequest>, KafkaError> {
        let payload = record.payload().unwrap_or_default();
        let request = serde_json::from_slice::<MailRequest>(payload).map_err(|error| error.to_string());
        let checked = request.and_then(|request| match Intake::check(&request) {
            Ok(()) => Ok(request),
            Err(error) => Err(error.to_string()),
        });
        match checked {
            Ok(request) => Ok(Some(request)),
            Err(reason) => dead_letters::bury(&self.producer, record, &reason).await.map(|()| None),
        }
    }
}

fn set_next(read: &mut TopicPartitionList, record: &BorrowedMessage<'_>) -> Result<(), KafkaError> {
    let next = Offset::Offset(record.offset() + 1);
    match read.find_partition(record.topic(), record.partition()) {
        Some(mut known) => known.set_offset(next),
        None => read.add_partition_offset(record.topic(), record.partition(), next),
    }
}
