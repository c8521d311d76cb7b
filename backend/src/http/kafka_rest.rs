//! `POST /topics/{topic}`: plain records of other producers, with the requests and answers of Confluent's REST Proxy v2.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::EventType;
use domain::api::MAX_BATCH_EVENTS;
use domain::api::kafka_rest::{KAFKA, KAFKA_JSON, Produced, RecordPlace, RestError};
use domain::kafka_record::{Attributes, RecordValue, event_from_record};
use domain::topics::Topic;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::BaseRecord;
use runtime::kafka::access;
use runtime::kafka::batch_producer::{BatchProducer, Delivery};
use runtime::peers;
use runtime::problem::{self, Refusal, short};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client;
use super::state::{AppState, Sent};

/// The wait after a refusal of all records.
const AGAIN: Duration = Duration::from_secs(1);
/// Confluent's codes for a record that must not be sent again, and for one that may.
const NEVER: i32 = 1;
const LATER: i32 = 2;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/topics/{topic}", post(produce))
}

/// The body; other fields, such as `value_schema`, are ignored.
#[derive(Deserialize)]
struct Records<'a> {
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    partition: Option<i32>,
}

/// A refused request, in Confluent's form and media type.
pub struct RestRefusal {
    status: StatusCode,
    /// The answer.
    pub error: RestError,
    media_type: &'static str,
    retry_after: Option<Duration>,
}

impl RestRefusal {
    /// `code` is the status, or the status and two more digits.
    pub(super) fn new(code: u16, message: impl Into<String>, media_type: &'static str) -> Self {
        let status = if code > 999 { code / 100 } else { code };
        let error = RestError { error_code: code.into(), message: message.into() };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(AGAIN);
        Self { status, error, media_type, retry_after }
    }
}

impl IntoResponse for RestRefusal {
    fn into_response(self) -> Response {
        problem::answer(self.status, self.media_type, &self.error, self.retry_after)
    }
}

impl From<Refusal> for RestRefusal {
    fn from(refusal: Refusal) -> Self {
        let refused = refused(refusal.status.as_u16(), refusal.detail);
        Self { retry_after: refusal.retry_after.or(refused.retry_after), ..refused }
    }
}

fn refused(code: u16, message: impl Into<String>) -> RestRefusal {
    RestRefusal::new(code, message, KAFKA)
}

async fn produce(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(topic): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent, Refusal>,
) -> Result<impl IntoResponse, RestRefusal> {
    let Sent { sender, body, room } = sent?;
    let topic = Topic::ALL.into_iter().find(|known| known.name() == topic);
    let topic = topic.ok_or_else(|| refused(40401, "Topic not found."))?;
    if !peers::is_media_type(&headers, KAFKA_JSON) {
        return Err(refused(415, format!("Send records as {KAFKA_JSON}.")));
    }
    let producer = state.producer.as_ref().ok_or_else(|| refused(503, "This backend has no Kafka broker."))?;
    let seen_at = client::ip(peer, &headers, state.trust_forwarded).to_string();
    let ready = checked(topic, &body, &seen_at)?;
    sender.events(ready.len())?;
    drop(room);
    let offsets = send(producer, state.topics.name(topic), &ready).await;
    match offsets.iter().find_map(|place| place.error.as_deref()) {
        Some(error) if offsets.iter().all(|place| place.error_code == Some(LATER)) => {
            Err(refused(503, format!("No record was taken: {error}.")))
        }
        _ => {
            let produced = Produced { offsets, key_schema_id: None, value_schema_id: None };
            Ok(([(header::CONTENT_TYPE, KAFKA)], Json(produced).into_response().into_body()))
        }
    }
}

fn records(body: &[u8]) -> Result<Vec<Record<'_>>, RestRefusal> {
    let Records { records } = serde_json::from_slice(body).map_err(|error| {
        let code = if error.is_data() { 422 } else { 400 };
        refused(code, format!("The body is not {{\"records\":[{{\"value\":…}}]}}: {}.", short(&error)))
    })?;
    match records.len() {
        0 => Err(refused(422, "There are no records; send at least one.")),
        1..=MAX_BATCH_EVENTS => Ok(records),
        count => Err(refused(413, format!("There are {count} records; at most {MAX_BATCH_EVENTS} are taken at once."))),
    }
}

/// A checked record, ready for the broker.
#[derive(Debug)]
pub struct Ready<'a> {
    /// Its key, as text or JSON.
    pub key: String,
    /// Its value, as JSON.
    pub value: Cow<'a, str>,
    /// Its partition, if the sender named one.
    pub partition: Option<i32>,
}

/// The records of a body, all of them checked; `seen_at` is the sender's address.
pub fn checked<'a>(topic: Topic, body: &'a [u8], seen_at: &str) -> Result<Vec<Ready<'a>>, RestRefusal> {
    let records = records(body)?;
    let ready = records.iter().enumerate().map(|(place, record)| ready(topic, place, record, seen_at));
    ready.collect()
}

/// Checks that the consumer can process the record, so that no poison gets into the topic.
///
/// A record without an address gets the sender's, as with `POST /event`.
fn ready<'a>(topic: Topic, place: usize, record: &Record<'a>, seen_at: &str) -> Result<Ready<'a>, RestRefusal> {
    let bad = |reason: &dyn std::fmt::Display| {
        refused(422, format!("Record {place} is not one of {}: {}.", topic.name(), short(reason)))
    };
    let event = event_from_record(Attributes::default(), record.value.get().as_bytes(), || topic.name().to_owned());
    let event = event.map_err(|poison| bad(&poison))?;
    if let EventType::Known(kind) = event.kind
        && kind.topic() != topic
    {
        return Err(bad(&format!("{} belongs into {}", kind.sub_type(), kind.topic().name())));
    }
    if record.partition.is_some_and(|partition| partition < 0) {
        return Err(bad(&"partitions count from 0"));
    }
    let (mut ip, mut value) = (event.partitionkey, Cow::Borrowed(record.value.get()));
    if ip.is_empty() {
        seen_at.clone_into(&mut ip);
        let named = serde_json::from_str(&value).map(|value| RecordValue { ip: ip.as_str().into(), ..value });
        let named = named.and_then(|value| serde_json::to_string(&value)).map_err(|error| bad(&error))?;
        value = named.into();
    }
    // A record without a key goes to the partition of the client's events.
    let key = record.key.map_or(ip, |key| key.get().to_owned());
    Ok(Ready { key, value, partition: record.partition })
}

/// Produces all, then waits for all reports.
async fn send(producer: &BatchProducer, topic: &str, records: &[Ready<'_>]) -> Vec<RecordPlace> {
    let batch = producer.batch(records.len());
    for Ready { key, value, partition } in records {
        let record = BaseRecord::to(topic).key(key.as_str()).payload(&**value);
        batch.send(BaseRecord { partition: *partition, ..record });
    }
    batch.deliveries().await.into_iter().map(|delivery| place(delivery, topic)).collect()
}

fn place(delivery: Delivery, topic: &str) -> RecordPlace {
    let outcome = if delivery.is_ok() { "accepted" } else { "refused" };
    metrics::counter!("ese_kafka_rest_records_total", "outcome" => outcome).increment(1);
    match delivery {
        Ok(at) => RecordPlace { partition: Some(at.partition), offset: Some(at.offset), error_code: None, error: None },
        Err(error) => failed(&error, topic),
    }
}

fn failed(error: &KafkaError, topic: &str) -> RecordPlace {
    access::note_error(error, topic);
    let never = matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::UnknownPartition)
    );
    let error_code = Some(if never { NEVER } else { LATER });
    RecordPlace { partition: None, offset: None, error_code, error: Some(error.to_string()) }
}
