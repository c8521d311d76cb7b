//! kafka: produces with `acks=all` and idempotence, and waits for the broker's delivery report; for at most once with `acks=0`.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use domain::Event;
use domain::kafka_record;
use domain::topics::PARTITIONS;
use futures_util::future::BoxFuture;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::BaseRecord;
use runtime::injected_bug::InjectedBug;
use runtime::kafka::batch_producer::{BatchProducer, Delivery};
use runtime::kafka::{
    Cluster, DELIVERY_TIMEOUT, DebugLog, EventTopics, Topic, UnacknowledgedProducer, access, headers, make_topics,
    usual,
};
use runtime::repeats::Repeats;
use runtime::service::Tasks;

use super::{Batch, Sink, SinkError, Taken, Verdict, all};

/// How often to look whether the producer is broken for good.
const LOOK: Duration = Duration::from_secs(1);

/// The line of an outage. One partition alone may be away.
const OUTAGE: &str = "Kafka does not take records in time; their events get 503 until it does";

/// About the bytes of the smallest event of a session as JSON.
const SMALL_EVENT: u32 = 256;

/// Produces to Kafka.
pub struct KafkaSink {
    producer: BatchProducer,
    /// For at most once; made when it is first used.
    unacknowledged: LazyProducer,
    topics: EventTopics,
    outages: Mutex<Repeats>,
}

type LazyProducer =
    LazyLock<KafkaResult<UnacknowledgedProducer>, Box<dyn FnOnce() -> KafkaResult<UnacknowledgedProducer> + Send>>;

impl KafkaSink {
    /// Starts a producer for `cluster`, and creates the missing topics as soon as its brokers answer.
    pub fn start(tasks: &mut Tasks, cluster: Cluster, topics: EventTopics, queue_bytes: u32) -> anyhow::Result<Self> {
        let settings = tuned(runtime::kafka::producer(&cluster, DELIVERY_TIMEOUT), queue_bytes);
        let producer = BatchProducer::start(&settings).context("no Kafka producer")?;
        let unacknowledged = runtime::kafka::unacknowledged_producer(&cluster, DELIVERY_TIMEOUT);
        let unacknowledged: LazyProducer =
            LazyLock::new(Box::new(move || tuned(unacknowledged, queue_bytes).create_with_context(DebugLog)));
        let needed: Vec<Topic> = topics.names().into_iter().map(|name| Topic::new(name, PARTITIONS)).collect();
        let stop = tasks.stop.clone();
        tasks.spawn("topics", async move {
            stop.run_until_cancelled(make_topics(&cluster, &needed)).await;
            stop.cancelled().await;
            Ok(())
        });
        let (stop, flushing) = (tasks.stop.clone(), producer.clone());
        tasks.spawn("producer", async move {
            // A fatal error of a producer is for good: the backend ends, and a restart makes a new producer.
            while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
                if let Some(why) = flushing.fatal_error() {
                    anyhow::bail!("Kafka does not accept this producer's records any more: {why}");
                }
            }
            tokio::task::spawn_blocking(move || flushing.flush(DELIVERY_TIMEOUT)).await?.context("not all was flushed")
        });
        Ok(Self { producer, unacknowledged, topics, outages: Mutex::default() })
    }

    /// The producer, for plain records.
    pub fn producer(&self) -> BatchProducer {
        self.producer.clone()
    }

    /// Logs that records are not taken in time, once while it lasts.
    fn log_outage(&self, deliveries: &[Delivery]) {
        let timed_out = |delivery: &Delivery| {
            let code = delivery.as_ref().err().and_then(KafkaError::rdkafka_error_code);
            code == Some(RDKafkaErrorCode::MessageTimedOut)
        };
        let is_new = || self.outages.lock().unwrap_or_else(PoisonError::into_inner).is_new(OUTAGE);
        if deliveries.iter().any(timed_out) && is_new() {
            tracing::warn!("{OUTAGE}");
        }
    }

    /// The name of an event's topic.
    fn topic(&self, event: &Event) -> &str {
        self.topics.of(&event.kind)
    }
}

impl Sink for KafkaSink {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        let records = self.producer.batch(batch.events.len());
        batch.events.iter().for_each(|event| with_record(event, self.topic(event), |record| records.send(record)));
        if InjectedBug::AcceptEarly.is_active() {
            return Box::pin(std::future::ready(vec![Ok(Taken::New); batch.events.len()]));
        }
        Box::pin(async move {
            let verdict = |(delivery, event): (Delivery, &Event)| {
                delivery.map(|_| Taken::New).map_err(|error| refusal(&error, self.topic(event)))
            };
            let deliveries = records.deliveries().await;
            self.log_outage(&deliveries);
            deliveries.into_iter().zip(&*batch.events).map(verdict).collect::<Vec<Verdict>>()
        })
    }

    fn hand_over(&self, batch: Batch) -> Vec<Verdict> {
        let producer = match &*self.unacknowledged {
            Ok(producer) => producer,
            Err(error) => {
                return all(&batch, &SinkError::retry(format!("there is no Kafka producer without acks: {error}")));
            }
        };
        let queue = |event| {
            let topic = self.topic(event);
            let sent = with_record(event, topic, |record| producer.send(record).map_err(|(error, _)| error));
            sent.map(|()| Taken::New).map_err(|error| refusal(&error, topic))
        };
        batch.events.iter().map(queue).collect()
    }
}

/// Adds the settings that both producers have in common.
fn tuned(mut settings: ClientConfig, queue_bytes: u32) -> ClientConfig {
    usual(&mut settings, &[("compression.type", "lz4"), ("partitioner", "murmur2_random")]);
    settings
        .set("queue.buffering.max.kbytes", (queue_bytes / 1024).to_string())
        // librdkafka counts the bytes of the values alone, which are less than half of a small event, so a count keeps the
        // bound. A longer queue would also time out before it is sent.
        .set("queue.buffering.max.messages", (queue_bytes / SMALL_EVENT).to_string());
    settings
}

/// Calls `send` with the record of an event for `topic`.
fn with_record<T>(event: &Event, topic: &str, send: impl FnOnce(BaseRecord<'_, str, [u8]>) -> T) -> T {
    let value = kafka_record::value(event);
    // The record's own time is the producer's: retention uses it, and must not delete a record unread because the
    // client's clock is wrong or the event waited long in a browser. The event's time is in ce_time.
    let record = BaseRecord::to(topic).key(event.partitionkey.as_str());
    send(record.payload(&*value).headers(headers(event)))
}

fn refusal(error: &KafkaError, topic: &str) -> SinkError {
    tracing::debug!(%error, "a record was not delivered");
    access::note_error(error, topic);
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::QueueFull) => SinkError::retry("the backend's queue for this route is full"),
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
            SinkError::Rejected { reason: "the event is too large for the Kafka broker".to_owned() }
        }
        Some(RDKafkaErrorCode::MessageTimedOut) if access::present().is_some() => {
            SinkError::retry("Kafka refuses this backend; the backend's log has the reason")
        }
        Some(RDKafkaErrorCode::MessageTimedOut) => SinkError::retry("the Kafka broker cannot be reached"),
        _ => SinkError::retry(format!("the Kafka broker did not take the event: {error}")),
    }
}
