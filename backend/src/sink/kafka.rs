//! kafka: produces with `acks=all` and idempotence, and waits for the broker's delivery report; for at most once with `acks=0`.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context;
use domain::Event;
use domain::record::{self, PARTITIONS};
use futures_util::future::BoxFuture;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::BaseRecord;
use runtime::injected_bug::InjectedBug;
use runtime::kafka::batches::{BatchProducer, Delivery};
use runtime::kafka::{DebugLog, Topic, UnacknowledgedProducer, headers, make_topics};
use runtime::service::Tasks;

use super::{Batch, Sink, SinkError, Taken, Verdict, all};

/// How long a record may wait for its delivery report before the client must send it again.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to look whether the producer is broken for good.
const LOOK: Duration = Duration::from_secs(1);

/// About the bytes of the smallest event of a session as JSON.
const SMALL_EVENT: u32 = 256;

/// Produces to Kafka.
pub struct KafkaSink {
    producer: BatchProducer,
    /// For at most once; made when it is first used.
    unacknowledged: LazyProducer,
}

type LazyProducer =
    LazyLock<KafkaResult<UnacknowledgedProducer>, Box<dyn FnOnce() -> KafkaResult<UnacknowledgedProducer> + Send>>;

impl KafkaSink {
    /// Starts a producer for `brokers`, and creates the topics as soon as they answer.
    pub fn start(tasks: &mut Tasks, brokers: &str, queue_bytes: u32) -> anyhow::Result<Self> {
        let settings = tuned(runtime::kafka::producer(brokers, DELIVERY_TIMEOUT), queue_bytes);
        let producer = BatchProducer::start(&settings).context("no Kafka producer")?;
        let unacknowledged = runtime::kafka::unacknowledged_producer(brokers, DELIVERY_TIMEOUT);
        let unacknowledged: LazyProducer =
            LazyLock::new(Box::new(move || tuned(unacknowledged, queue_bytes).create_with_context(DebugLog)));
        let (brokers, stop, flushing) = (brokers.to_owned(), tasks.stop.clone(), producer.clone());
        tasks.spawn("topics", async move {
            let topics = domain::event::Topic::ALL.map(|topic| Topic::new(topic.name(), PARTITIONS));
            stop.run_until_cancelled(make_topics(&brokers, &topics)).await;
            // A fatal error of a producer is for good: the backend ends, and a restart makes a new producer.
            while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
                if let Some(why) = flushing.fatal_error() {
                    anyhow::bail!("Kafka does not accept this producer's records any more: {why}");
                }
            }
            tokio::task::spawn_blocking(move || flushing.flush(DELIVERY_TIMEOUT)).await?.context("not all was flushed")
        });
        Ok(Self { producer, unacknowledged })
    }

    /// The producer, for plain records.
    pub fn producer(&self) -> BatchProducer {
        self.producer.clone()
    }
}

impl Sink for KafkaSink {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        let records = self.producer.batch(batch.events.len());
        batch.events.iter().for_each(|event| with_record(event, |record| records.send(record)));
        if InjectedBug::AcceptEarly.is_active() {
            return Box::pin(std::future::ready(vec![Ok(Taken::New); batch.events.len()]));
        }
        Box::pin(async move {
            let verdict = |delivery: Delivery| delivery.map(|_| Taken::New).map_err(|error| refusal(&error));
            records.deliveries().await.into_iter().map(verdict).collect::<Vec<Verdict>>()
        })
    }

    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        let producer = match &*self.unacknowledged {
            Ok(producer) => producer,
            Err(error) => {
                return all(&batch, &SinkError::retry(format!("there is no Kafka producer without acks: {error}")));
            }
        };
        let queue = |event| with_record(event, |record| producer.send(record).map_err(|(error, _)| refusal(&error)));
        batch.events.iter().map(|event| queue(event).map(|()| Taken::New)).collect()
    }
}

/// Adds the settings that both producers have in common.
fn tuned(mut settings: ClientConfig, queue_bytes: u32) -> ClientConfig {
    settings
        .set("compression.type", "lz4")
        .set("queue.buffering.max.kbytes", (queue_bytes / 1024).to_string())
        // librdkafka counts the bytes of the values alone, which are less than half of a small event, so a count keeps the
        // bound. A longer queue would also time out before it is sent.
        .set("queue.buffering.max.messages", (queue_bytes / SMALL_EVENT).to_string())
        .set("partitioner", "murmur2_random");
    settings
}

/// Calls `send` with the record of an event.
fn with_record<T>(event: &Event, send: impl FnOnce(BaseRecord<'_, str, [u8]>) -> T) -> T {
    let value = record::value(event);
    // The record's own time is the producer's: retention uses it, and must not delete a record unread because the
    // client's clock is wrong or the event waited long in a browser. The event's time is in ce_time.
    let record = BaseRecord::to(event.kind.topic().name()).key(event.partitionkey.as_str());
    send(record.payload(value.as_slice()).headers(headers(event)))
}

fn refusal(error: &KafkaError) -> SinkError {
    tracing::debug!(%error, "a record was not delivered");
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::QueueFull) => SinkError::retry("the backend's queue for this route is full"),
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
            SinkError::Rejected { reason: "the event is too large for the Kafka broker".to_owned() }
        }
        Some(RDKafkaErrorCode::MessageTimedOut) => SinkError::retry("the Kafka broker cannot be reached"),
        _ => SinkError::retry(format!("the Kafka broker did not take the event: {error}")),
    }
}
