//! kafka: a member of a consumer group whose positions are in the books, not at the broker.
//!
//! For each partition it knows the offset that must come next. Any other record makes it seek that place, once: what comes
//! then is all the log has. Whoever loses a partition while a batch is
//! under way finds its position moved, and drops the batch.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::Route;
use domain::api::Position;
use domain::event::Topic;
use domain::record::event_from_record;
use futures_util::FutureExt;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset, TopicPartitionList};
use runtime::backoff::Backoff;
use runtime::clock;
use runtime::database::Database;
use runtime::dead_letters;
use runtime::kafka::{Consumer, Producer, next as next_record};
use tokio_util::sync::CancellationToken;

use crate::process::{Arrival, Intake, Process, ProcessError};
use crate::store::StoreError;
use crate::store::positions::{self, Move};

/// The most records in one batch.
const LIMIT: usize = 1000;

/// The Kafka source.
pub struct Kafka {
    /// The group's member.
    pub consumer: Arc<Consumer>,
    /// For dead letters.
    pub producer: Producer,
    /// Where events go.
    pub process: Arc<Process>,
    /// Where the positions are kept.
    pub database: Database,
}

#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("Kafka failed")]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Partition = (String, i32);

/// What is known of a partition.
#[derive(Clone, Copy, Debug)]
struct Next {
    offset: i64,
    /// It has sought `offset` already; if a later record comes all the same, the log has a hole there.
    sought: bool,
}

/// The name of a partition's position in the books.
pub fn position_name(topic: &str, partition: i32) -> String {
    format!("{topic}/{partition}")
}

impl Kafka {
    /// Consumes until the service stops.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        self.consumer.subscribe(&Topic::ALL.map(Topic::name))?;
        let mut backoff = Backoff::default();
        let mut next: HashMap<Partition, Next> = HashMap::new();
        let mut astray = false;
        while !stop.is_cancelled() {
            let done = match astray {
                true => self.go_back(&mut next).await,
                false => self.step(&mut next, &stop).await,
            };
            astray = done.is_err();
            match done {
                Ok(()) => backoff.reset(),
                Err(SourceError::Kafka(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) => {
                    return Err(anyhow::Error::from(error).context("Kafka takes this consumer no more"));
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a batch from Kafka had no effect; going back to the books"
                    );
                    stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
                }
            }
        }
        // A member without a name leaves at once and its partitions are handed on; a named one is expected back.
        self.consumer.unsubscribe();
        Ok(())
    }

    /// What was read and had no effect must come again, even if nothing follows it: seeks every partition to the books.
    async fn go_back(&self, next: &mut HashMap<Partition, Next>) -> Result<(), SourceError> {
        next.clear();
        let mut places = TopicPartitionList::new();
        let assigned = self.consumer.assignment()?.to_topic_map().into_keys();
        for (topic, number) in assigned {
            let source = position_name(&topic, number);
            let offset = positions::load(&self.database.reader, &source).await?.unwrap_or(0);
            places.add_partition_offset(&topic, number, Offset::Offset(offset))?;
            next.insert((topic, number), Next { offset, sought: true });
        }
        let consumer = self.consumer.clone();
        let sought = tokio::task::spawn_blocking(move || consumer.seek_partitions(places, SEEK).map(drop));
        Ok(sought.await.unwrap_or(Err(KafkaError::Canceled))?)
    }

    /// One batch: whatever is there, processed; then the broker is told, for those who watch lag.
    async fn step(&self, next: &mut HashMap<Partition, Next>, stop: &CancellationToken) -> Result<(), SourceError> {
        let Some(first) = stop.run_until_cancelled(next_record(&self.consumer)).await else { return Ok(()) };
        let mut record = first?;
        let (mut arrivals, mut moves) = (Vec::new(), BTreeMap::<Partition, Move>::new());
        loop {
            if let Some(step) = self.expected(next, &record).await? {
                let partition = (record.topic().to_owned(), record.partition());
                arrivals.extend(self.arrival(&record).await?);
                moves.entry(partition).and_modify(|all| all.to = step.to).or_insert(step);
            }
            if arrivals.len() >= LIMIT {
                break;
            }
            match next_record(&self.consumer).now_or_never() {
                Some(more) => record = more?,
                None => break,
            }
        }
        if moves.is_empty() {
            return Ok(());
        }
        let mut offsets = TopicPartitionList::new();
        for ((topic, partition), step) in &moves {
            offsets.add_partition_offset(topic, *partition, Offset::Offset(step.to))?;
        }
        self.process.take(Intake { route: Route::Kafka, arrivals, moves: moves.into_values().collect() }).await?;
        if let Err(error) = self.consumer.commit(&offsets, CommitMode::Async) {
            tracing::debug!(%error, "the broker does not know the offsets; the books do");
        }
        Ok(())
    }

    /// The move that taking this record makes, or none if it is not the one that must come next.
    async fn expected(
        &self,
        next: &mut HashMap<Partition, Next>,
        record: &BorrowedMessage<'_>,
    ) -> Result<Option<Move>, SourceError> {
        let partition = (record.topic().to_owned(), record.partition());
        let source = position_name(&partition.0, partition.1);
        let known = match next.get(&partition) {
            Some(known) => *known,
            None => Next { offset: positions::load(&self.database.reader, &source).await?.unwrap_or(0), sought: false },
        };
        let offset = record.offset();
        if offset != known.offset && !known.sought {
            self.consumer.seek(&partition.0, partition.1, Offset::Offset(known.offset), SEEK)?;
            next.insert(partition, Next { sought: true, ..known });
            return Ok(None);
        }
        if offset < known.offset {
            // It was asked for the place in the books, and the log does not reach that far: it was made anew.
            tracing::warn!(
                source,
                books = known.offset,
                log = offset,
                "the topic begins anew, and so does the position"
            );
        }
        next.insert(partition, Next { offset: offset + 1, sought: false });
        Ok(Some(Move { source, from: known.offset, to: offset + 1 }))
    }

    /// The record as an event; none if it is poison, which then is in the dead-letter topic.
    async fn arrival(&self, record: &BorrowedMessage<'_>) -> Result<Option<Arrival>, SourceError> {
        let attributes = record.headers().map_or_else(BTreeMap::new, |headers| {
            let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
            let attributes = headers
                .iter()
                .filter_map(|header| Some((header.key.strip_prefix("ce_")?.to_owned(), text(header.value))));
            attributes.collect()
        });
        let (partition, offset) = (record.partition(), record.offset());
        let place = format!("{}/{partition}/{offset}", record.topic());
        match event_from_record(attributes, record.payload().unwrap_or_default(), &place) {
            Ok(event) => {
                let position = Some(Position::Record { partition, offset });
                Ok(Some(Arrival { event, arrived: clock::now(), position }))
            }
            Err(why) => {
                dead_letters::bury(&self.producer, record, &why.to_string()).await?;
                Ok(None)
            }
        }
    }
}

/// How long a seek may take.
const SEEK: std::time::Duration = std::time::Duration::from_secs(5);
