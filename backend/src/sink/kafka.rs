//! kafka: produces with `acks=all` and idempotence, and waits for the broker's delivery report; for at most once with `acks=0`.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context;
use domain::Event;
use domain::record::{PARTITIONS, RecordValue};
use futures_util::future::{BoxFuture, join_all};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureRecord, Producer as _};
use runtime::injected_bug::InjectedBug;
use runtime::kafka::{DebugLog, Producer, Topic, headers, make_topics};
use runtime::service::Tasks;

use super::{Batch, Sink, SinkError, Taken, Verdict, all};

/// How long a record may wait for its delivery report before the client must send it again.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to look whether the producer is broken for good.
const LOOK: Duration = Duration::from_secs(1);

/// Produces to Kafka.
pub struct KafkaSink {
    producer: Producer,
    /// For at most once; made when it is first used.
    unacknowledged: LazyProducer,
}

type LazyProducer = LazyLock<KafkaResult<Producer>, Box<dyn FnOnce() -> KafkaResult<Producer> + Send>>;

impl KafkaSink {
    /// Starts a producer for `brokers`, and creates the topics as soon as they answer.
    pub fn start(tasks: &mut Tasks, brokers: &str, queue_bytes: u32) -> anyhow::Result<Self> {
        let start = move |mut config: ClientConfig| {
            config
                .set("linger.ms", "2")
                .set("compression.type", "lz4")
                .set("queue.buffering.max.kbytes", (queue_bytes / 1024).to_string())
                .set("partitioner", "murmur2_random")
                .create_with_context(DebugLog)
        };
        let producer = start(runtime::kafka::producer(brokers, DELIVERY_TIMEOUT)).context("no Kafka producer")?;
        let unacknowledged = runtime::kafka::unacknowledged_producer(brokers, DELIVERY_TIMEOUT);
        let unacknowledged: LazyProducer = LazyLock::new(Box::new(move || start(unacknowledged)));
        let (brokers, stop, flushing) = (brokers.to_owned(), tasks.stop.clone(), producer.clone());
        tasks.spawn("topics", async move {
            let topics = domain::event::Topic::ALL.map(|topic| Topic::new(topic.name(), PARTITIONS));
            stop.run_until_cancelled(make_topics(&brokers, &topics)).await;
            // A fatal error of a producer is for good: the backend ends, and a restart makes a new producer.
            while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
                if let Some((_, why)) = flushing.client().fatal_error() {
                    anyhow::bail!("Kafka does not accept this producer's records any more: {why}");
                }
            }
            tokio::task::spawn_blocking(move || flushing.flush(DELIVERY_TIMEOUT)).await?.context("not all was flushed")
        });
        Ok(Self { producer, unacknowledged })
    }

    /// The producer, for plain records.
    pub fn producer(&self) -> Producer {
        self.producer.clone()
    }

    fn produce(producer: &Producer, event: &Event) -> Result<DeliveryFuture, SinkError> {
        let value = serde_json::to_vec(&RecordValue::of(event))
            .map_err(|error| SinkError::Rejected { reason: format!("the event cannot be written as JSON: {error}") })?;
        // The record's own time is the producer's: retention uses it, and must not delete a record unread because the
        // client's clock is wrong or the event waited long in a browser. The event's time is in ce_time.
        let topic = event.kind.topic().name();
        let record = FutureRecord::to(topic).key(&event.partitionkey).payload(&value).headers(headers(event));
        producer.send_result(record).map_err(|(error, _)| refusal(&error))
    }
}

impl Sink for KafkaSink {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        // All are queued before the first report is awaited, so that they are sent together.
        let sent: Vec<_> = batch.events.iter().map(|event| Self::produce(&self.producer, event)).collect();
        if InjectedBug::AcceptEarly.is_active() {
            return Box::pin(std::future::ready(sent.into_iter().map(|sent| sent.map(|_| Taken::New)).collect()));
        }
        Box::pin(join_all(sent.into_iter().map(async |sent| match sent?.await {
            Ok(Ok(_)) => Ok(Taken::New),
            Ok(Err((error, _))) => Err(refusal(&error)),
            Err(_) => Err(SinkError::retry("the backend is stopping")),
        })))
    }

    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        match &*self.unacknowledged {
            Ok(producer) => {
                batch.events.iter().map(|event| Self::produce(producer, event).map(|_| Taken::New)).collect()
            }
            Err(error) => all(&batch, &SinkError::retry(format!("there is no Kafka producer without acks: {error}"))),
        }
    }
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
