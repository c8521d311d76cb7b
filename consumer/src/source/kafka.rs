//! kafka: a member of a consumer group whose positions are in the database, not at the broker.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::api::Position;
use domain::kafka_record::{Attributes, event_from_record};
use domain::{Event, Route};
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Headers};
use runtime::clock;
use runtime::database::Database;
use runtime::kafka::consumer_loop;
use runtime::kafka::positions::{self, Partition};

use crate::process::{Batch, Process, ProcessError, ReceivedEvent};
use crate::store;
use crate::store::positions::Move;

/// Processes the records of the event topics with the step.
pub struct EventProcessor {
    /// The step.
    pub process: Arc<Process>,
    /// The database with the positions.
    pub database: Database,
}

/// The event of a record, or the reason why it has none.
pub fn event(record: &impl Message) -> Result<Event, String> {
    let mut attributes = Attributes::default();
    for header in record.headers().into_iter().flat_map(Headers::iter) {
        if let Some(name) = header.key.strip_prefix("ce_") {
            attributes.set(name, String::from_utf8_lossy(header.value.unwrap_or_default()));
        }
    }
    let place = || format!("{}/{}/{}", record.topic(), record.partition(), record.offset());
    let event = event_from_record(attributes, record.payload().unwrap_or_default(), place);
    event.map_err(|poison| poison.to_string())
}

impl consumer_loop::Processor for EventProcessor {
    type Item = ReceivedEvent;
    type Error = ProcessError;

    async fn positions(&self, of: &[Partition]) -> Result<BTreeMap<Partition, i64>, ProcessError> {
        let mut stored = BTreeMap::new();
        for partition in of {
            let position = store::positions::load(&self.database.reader, &partition.to_string()).await?;
            stored.extend(position.map(|position| (partition.clone(), position)));
        }
        Ok(stored)
    }

    fn parse(&self, record: &BorrowedMessage<'_>) -> Result<ReceivedEvent, String> {
        let (partition, offset) = (record.partition(), record.offset());
        let event = event(record)?;
        Ok(ReceivedEvent { event, arrived: clock::now(), position: Some(Position::Record { partition, offset }) })
    }

    async fn process(&self, events: Vec<ReceivedEvent>, moves: &[positions::Move]) -> Result<(), ProcessError> {
        let step = |step: &positions::Move| Move { source: step.partition.to_string(), from: step.from, to: step.to };
        let moves = moves.iter().map(step).collect();
        self.process.run(Batch { route: Route::Kafka, events, moves }).await.map(drop)
    }
}
