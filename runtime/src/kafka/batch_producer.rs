//! A producer that reports in batches: one wake for each batch, when the last of its records is reported.
//!
//! rdkafka's own `FutureProducer` has a channel, a future and a wake for each record.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{Message as _, ToBytes};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};
use tokio::sync::Notify;

use super::DebugLog;

/// Produces batches of records; cheap to clone.
#[derive(Clone)]
pub struct BatchProducer(ThreadedProducer<Reports>);

impl BatchProducer {
    /// Starts a producer with the settings of [`super::producer`].
    pub fn start(settings: &ClientConfig) -> KafkaResult<Self> {
        settings.create_with_context(Reports).map(Self)
    }

    /// Begins a batch of about this many records.
    pub fn batch(&self, records: usize) -> Batch<'_> {
        Batch { producer: &self.0, report: Report::new(records) }
    }

    /// The reason why this producer is broken for good, if it is.
    pub fn fatal_error(&self) -> Option<String> {
        self.0.client().fatal_error().map(|(_, reason)| reason)
    }

    /// Waits until every record is reported. It blocks.
    pub fn flush(&self, timeout: Duration) -> KafkaResult<()> {
        self.0.flush(timeout)
    }
}

/// The place of a delivered record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the partition.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
}

/// The place of a record, or why it was not delivered.
pub type Delivery = KafkaResult<Place>;

/// A batch that is being sent.
pub struct Batch<'a> {
    producer: &'a ThreadedProducer<Reports>,
    report: Arc<Report>,
}

impl Batch<'_> {
    /// Queues the next record. A record that cannot be queued is reported at once.
    pub fn send<K: ToBytes + ?Sized, P: ToBytes + ?Sized>(&self, record: BaseRecord<'_, K, P>) {
        let BaseRecord { topic, partition, payload, key, timestamp, headers, delivery_opaque: () } = record;
        let delivery_opaque = Box::new(self.report.begin());
        let record = BaseRecord { topic, partition, payload, key, timestamp, headers, delivery_opaque };
        if let Err((error, record)) = self.producer.send(record) {
            record.delivery_opaque.end(Err(error));
        }
    }

    /// Waits until each record is reported; the deliveries are in the order of the records. The records go their way even
    /// if nobody waits.
    pub async fn deliveries(self) -> Vec<Delivery> {
        self.report.deliveries().await
    }
}

/// The report of a batch.
struct Report {
    state: Mutex<State>,
    complete: Notify,
}

struct State {
    /// One for each record; a record without a report counts as not delivered.
    deliveries: Vec<Delivery>,
    /// How many records are not reported yet, and one more until nothing is added to the batch.
    outstanding: usize,
}

impl Report {
    fn new(records: usize) -> Arc<Self> {
        let state = State { deliveries: Vec::with_capacity(records), outstanding: 1 };
        Arc::new(Self { state: Mutex::new(state), complete: Notify::new() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record.
    fn begin(self: &Arc<Self>) -> UnderWay {
        let mut state = self.lock();
        state.deliveries.push(Err(KafkaError::Canceled));
        state.outstanding += 1;
        UnderWay { report: self.clone(), index: state.deliveries.len() - 1 }
    }

    /// Waits until all records are reported; called once, after the last record.
    async fn deliveries(&self) -> Vec<Delivery> {
        // The wake is kept for a waiter that comes later.
        if self.lock().count_down() > 0 {
            self.complete.notified().await;
        }
        std::mem::take(&mut self.lock().deliveries)
    }
}

impl State {
    fn count_down(&mut self) -> usize {
        self.outstanding -= 1;
        self.outstanding
    }
}

/// A record under way; librdkafka returns it with the delivery report.
struct UnderWay {
    report: Arc<Report>,
    index: usize,
}

impl UnderWay {
    /// Enters the record's delivery; the last one of a batch wakes its waiter.
    fn end(self, delivery: Delivery) {
        let mut state = self.report.lock();
        state.deliveries[self.index] = delivery;
        let outstanding = state.count_down();
        drop(state);
        if outstanding == 0 {
            self.report.complete.notify_one();
        }
    }
}

/// Enters the delivery reports.
struct Reports;

impl ClientContext for Reports {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        DebugLog.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        DebugLog.error(error, reason);
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        DebugLog.generate_oauth_token(config)
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<UnderWay>;

    fn delivery(&self, result: &DeliveryResult<'_>, record: Box<UnderWay>) {
        record.end(match result {
            Ok(record) => Ok(Place { partition: record.partition(), offset: record.offset() }),
            Err((error, _)) => Err(error.clone()),
        });
    }
}

#[cfg(test)]
mod tests;
