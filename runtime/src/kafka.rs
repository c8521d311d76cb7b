//! Kafka clients: their types, their logs, and the headers of an event.

pub mod access;
pub mod batch_producer;
mod certificate;
mod client_settings;
mod cluster;
pub mod consumer_loop;
mod group;
pub mod positions;
pub mod properties;
mod refusals;
mod reserved;
mod token;
mod topics;
mod user_settings;

use std::error::Error;

use domain::kafka_record::each_attribute;
use domain::{Event, EventType};
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, OwnedHeaders};
use rdkafka::producer::{DeliveryResult, FutureProducer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;

pub use client_settings::{DELIVERY_TIMEOUT, client, consumer, producer, unacknowledged_producer, usual};
pub use cluster::Cluster;
pub use topics::{EventTopics, MailTopic, Topic, ensure_topics, make_topics};
pub use user_settings::{KafkaConfig, VARIABLES};

/// A producer with [`producer`]'s settings for single records; [`batch_producer::BatchProducer`] is for many.
pub type Producer = FutureProducer<DebugLog>;
/// A producer with [`unacknowledged_producer`]'s settings; nobody sees its delivery reports.
pub type UnacknowledgedProducer = ThreadedProducer<DebugLog>;
/// A consumer with [`consumer`]'s settings that starts at the broker's offsets; read it with [`next`].
pub type Consumer = StreamConsumer<DebugLog>;

/// Says that a producer does not recover.
pub const BROKEN: &str = "Kafka does not accept this producer's records any more; a restart makes a new one";

/// Whether the error is that of a producer that is [`BROKEN`].
pub fn is_broken(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal)
}

/// The most headers of an event's record.
const MOST_HEADERS: usize = 10;
/// CloudEvents' `datacontenttype` in Kafka, where the value is the data itself.
const DATA_IS_JSON: Header<'_, &str> = Header { key: "content-type", value: Some("application/json") };

/// The headers of an event's record.
pub fn headers(event: &Event) -> OwnedHeaders {
    let mut headers = Some(OwnedHeaders::new_with_capacity(MOST_HEADERS));
    each_attribute(event, |key, value| {
        headers = headers.take().map(|headers| headers.insert(Header { key, value: Some(value) }));
    });
    let headers = headers.unwrap_or_default();
    if matches!(event.kind, EventType::Custom(_)) { headers.insert(DATA_IS_JSON) } else { headers }
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

/// Logs a client's errors at the level debug: the code that cannot go on because of one reports it once. Refusals are logged
/// once as warnings.
#[derive(Clone, Copy, Debug, Default)]
pub struct DebugLog;

impl ClientContext for DebugLog {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(facility, "librdkafka: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, "librdkafka: {reason}");
        if let Some(code) = error.rdkafka_error_code() {
            access::note(code, "", reason);
        }
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        token::read(config)
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
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_record_has_a_header_for_each_attribute() {
        let mut event = json!({
            "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type": "ese.order.created", "time": "2026-01-31T12:00:00.5Z", "sequence": "3", "partitionkey": "127.0.0.1",
            "receivedtime": "2026-01-31T12:00:00.6Z", "traceparent": "00-1-2-01"
        });
        let headers_of = |event: &Value| headers(&serde_json::from_value(event.clone()).unwrap());
        let headers = headers_of(&event);
        assert_eq!(headers.count(), MOST_HEADERS - 1);
        for header in headers.iter() {
            let value = str::from_utf8(header.value.unwrap()).unwrap();
            let name = header.key.strip_prefix("ce_").unwrap();
            assert_eq!(value, if name == "specversion" { "1.0" } else { event[name].as_str().unwrap() }, "{name}");
        }
        event["type"] = json!("com.example.order-paid");
        let headers = headers_of(&event);
        assert_eq!((headers.count(), headers.get(MOST_HEADERS - 1).key), (MOST_HEADERS, "content-type"));
    }
}
