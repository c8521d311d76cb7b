//! Settings of every Kafka client, and the creation of topics.

pub mod batches;
pub mod follow;
mod group;
pub mod positions;
mod refusals;

use std::time::Duration;

use anyhow::Context;
use domain::Event;
use domain::record::{DEAD_LETTER_SUFFIX, each_attribute};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, OwnedHeaders};
use rdkafka::producer::{DeliveryResult, FutureProducer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;

use crate::backoff::Backoff;

/// Settings for a client of the brokers at `brokers` (`HOST:PORT[,HOST:PORT…]`).
pub fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("client.id", program())
        // A broker that comes back is found within a second; librdkafka's default is ten.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("topic.metadata.refresh.fast.interval.ms", "100")
        .set("broker.address.family", "v4");
    config
}

/// The running program's name, for the brokers' logs and metrics.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem()?.to_str());
    name.unwrap_or("ese").to_owned()
}

/// A topic to create.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
}

impl Topic {
    /// A topic of `partitions` partitions.
    pub fn new(name: impl Into<String>, partitions: i32) -> Self {
        Self { name: name.into(), partitions }
    }

    /// The dead-letter topic of `topic`.
    pub fn dead_letters(topic: &str) -> Self {
        Self::new(format!("{topic}{DEAD_LETTER_SUFFIX}"), 1)
    }
}

/// Creates the missing topics, with the brokers' default replication.
pub async fn ensure_topics(brokers: &str, topics: &[Topic]) -> anyhow::Result<()> {
    let admin: AdminClient<DebugLog> =
        client(brokers).create_with_context(DebugLog).context("no Kafka admin client")?;
    let wanted: Vec<NewTopic<'_>> =
        topics.iter().map(|topic| NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(-1))).collect();
    let options = AdminOptions::new()
        .operation_timeout(Some(Duration::from_secs(10)))
        .request_timeout(Some(Duration::from_secs(10)));
    let results = admin.create_topics(&wanted, &options).await.context("the broker cannot create topics")?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
            Err((topic, code)) => anyhow::bail!("the broker did not create the topic {topic}: {code}"),
        }
    }
    Ok(())
}

/// Creates the missing topics; tries again until the brokers answer.
pub async fn make_topics(brokers: &str, topics: &[Topic]) {
    let mut backoff = Backoff::default();
    while let Err(error) = ensure_topics(brokers, topics).await {
        tracing::warn!("{error:#}; trying again");
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

/// A producer with [`producer`]'s settings for single records; [`batches::BatchProducer`] is for many.
pub type Producer = FutureProducer<DebugLog>;
/// A producer with [`unacknowledged_producer`]'s settings; nobody sees its delivery reports.
pub type UnacknowledgedProducer = ThreadedProducer<DebugLog>;
/// A consumer with [`consumer`]'s settings that starts at the broker's offsets; read it with [`next`].
pub type Consumer = StreamConsumer<DebugLog>;

/// How long a record waits for others of its partition, in milliseconds; librdkafka's default is 5.
///
/// At low load nothing waits. Under load, records gather by themselves while [`REQUESTS_AT_ONCE`] are under way.
const LINGER_MS: &str = "0";

/// How many requests to a broker may be under way; librdkafka allows an idempotent producer five.
///
/// With five, requests of few records follow one another, and the broker's work for each request counts most. Single events of
/// 64 clients needed a fifth less of the backend's CPU time with two (measured one after the other, each on a broker that had
/// worked for some seconds). With one, each record would wait for the
/// request before it, which is long where the broker is far away.
const REQUESTS_AT_ONCE: &str = "2";

/// Settings of a producer that loses nothing: idempotent, a record is delivered once every in-sync replica has it.
///
/// A record that is not delivered within `timeout` fails. librdkafka's defaults are right for the rest: a request has at
/// most 10,000 records and 1,000,000 bytes of a partition, and Nagle's algorithm is off.
pub fn producer(brokers: &str, timeout: Duration) -> ClientConfig {
    let mut config = client(brokers);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", LINGER_MS)
        .set("max.in.flight.requests.per.connection", REQUESTS_AT_ONCE)
        .set("message.timeout.ms", timeout.as_millis().to_string());
    config
}

/// Settings of a producer that waits for no answer of the broker, and so never sends a record again.
pub fn unacknowledged_producer(brokers: &str, timeout: Duration) -> ClientConfig {
    let mut config = client(brokers);
    config
        .set("acks", "0")
        .set("message.send.max.retries", "0")
        .set("linger.ms", LINGER_MS)
        .set("message.timeout.ms", timeout.as_millis().to_string());
    config
}

/// The most headers of an event's record.
const MOST_HEADERS: usize = 9;

/// The headers of an event's record.
pub fn headers(event: &Event) -> OwnedHeaders {
    let mut headers = Some(OwnedHeaders::new_with_capacity(MOST_HEADERS));
    each_attribute(event, |key, value| {
        headers = headers.take().map(|headers| headers.insert(Header { key, value: Some(value) }));
    });
    headers.unwrap_or_default()
}

/// Settings of a member of `group` that decides itself where to start and which offsets are committed.
///
/// An `instance` that comes back under its name has its partitions again at once (KIP-345, static membership). Without
/// one, the group notices a killed member only after the session timeout. Its client id ends at random, so that the members
/// of a group can be told apart.
pub fn consumer(brokers: &str, group: &str, instance: Option<&str>) -> ClientConfig {
    let mut config = client(brokers);
    match instance {
        Some(instance) => config.set("group.instance.id", instance).set("client.id", instance),
        None => config.set("client.id", format!("{}-{:08x}", program(), rand::random::<u32>())),
    };
    config
        .set("group.id", group)
        // Offsets that the program has stored are committed once a second: a commit after each batch is a write of the broker.
        .set("enable.auto.offset.store", "false")
        .set("auto.commit.interval.ms", "1000")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "1000")
        // The broker answers a fetch as soon as it has one byte. Without records it waits at most this long (default: 500),
        // and a partition that is placed anew waits for that answer.
        .set("fetch.wait.max.ms", "100")
        // The bounds of the queue in memory. librdkafka counts the values alone, and a small record takes about five times
        // its value: its defaults, 100,000 records and 64 MB, may take 100 MB and more; these take about 20 MB.
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", "4096")
        // An answer of the broker may go beyond them by this much, compressed (default: 50 MB). It is the least that
        // librdkafka takes, and as much as the largest batch of a producer.
        .set("fetch.max.bytes", "1000000")
        // A full queue is looked at again before it is empty; the default of a second would leave it empty.
        .set("fetch.queue.backoff.ms", "10")
        // A member that subscribes just as a topic is created may get no partitions; librdkafka's default is to ask again
        // after five minutes.
        .set("topic.metadata.refresh.interval.ms", "1000")
        .set("allow.auto.create.topics", "false");
    config
}

/// A client for questions about topics and groups, a member of none.
pub type Queries = BaseConsumer<DebugLog>;

/// The next record. Only a fatal error is returned, after which this client gets no records any more: librdkafka recovers
/// from all others by itself and reports every try.
pub async fn next<C: ConsumerContext + 'static>(consumer: &StreamConsumer<C>) -> KafkaResult<BorrowedMessage<'_>> {
    loop {
        match consumer.recv().await {
            Err(error) if !matches!(error, KafkaError::MessageConsumptionFatal(_)) => {
                tracing::debug!(%error, "the Kafka consumer is having trouble");
            }
            record => return record,
        }
    }
}

/// Logs a client's errors at the level debug: the code that cannot go on because of one reports it once.
#[derive(Clone, Copy, Debug, Default)]
pub struct DebugLog;

impl ClientContext for DebugLog {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(facility, "librdkafka: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, "librdkafka: {reason}");
    }
}

impl ConsumerContext for DebugLog {}

impl ProducerContext for DebugLog {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

#[cfg(test)]
mod tests {
    use rdkafka::message::Headers as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_has_a_header_for_each_attribute() {
        let event = json!({
            "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type": "ese.order.created", "time": "2026-01-31T12:00:00.5Z", "sequence": "3", "partitionkey": "127.0.0.1",
            "receivedtime": "2026-01-31T12:00:00.6Z", "traceparent": "00-1-2-01"
        });
        let headers = headers(&serde_json::from_value(event.clone()).unwrap());
        assert_eq!(headers.count(), MOST_HEADERS);
        for header in headers.iter() {
            let value = str::from_utf8(header.value.unwrap()).unwrap();
            let name = header.key.strip_prefix("ce_").unwrap();
            assert_eq!(value, if name == "specversion" { "1.0" } else { event[name].as_str().unwrap() }, "{name}");
        }
    }

    #[test]
    fn each_member_of_a_group_has_a_client_id_of_its_own() {
        let id = |instance| consumer("127.0.0.1:9", "group", instance).get("client.id").map(str::to_owned);
        assert_eq!(id(Some("consumer-1")).as_deref(), Some("consumer-1"));
        assert!(id(None).is_some_and(|id| id.starts_with("runtime")));
        assert_ne!(id(None), id(None));
    }
}
