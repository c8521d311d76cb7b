//! How much waits in Kafka: the partitions' ends against the books' positions, once a second.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::event::Topic;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode;
use runtime::clock;
use runtime::database::Database;
use runtime::kafka::Consumer;
use tokio_util::sync::CancellationToken;

use super::kafka::position_name;
use crate::live::Live;
use crate::store::{positions, unsigned};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Watches until the service stops; `broker_up` is told whether the broker answered.
pub async fn watch(
    consumer: Arc<Consumer>,
    database: Database,
    live: Arc<Live>,
    broker_up: tokio::sync::watch::Sender<Option<String>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let asked = clock::now();
        let ends = ends(consumer.clone()).await?;
        // Only a broker that does not answer is down; one that is still making a topic is not.
        let down = matches!(&ends, Err(error) if error.rdkafka_error_code().is_some_and(unreachable));
        broker_up.send_replace(down.then(|| "it does not answer".to_owned()));
        let waiting = match ends {
            Ok(ends) => waiting(ends, &database).await,
            Err(error) => Err(error.into()),
        };
        match waiting {
            Ok(waiting) => {
                metrics::gauge!("ese_consumer_lag_events", "route" => Route::Kafka.name()).set(waiting as f64);
                live.route(Route::Kafka, asked, waiting);
            }
            Err(error) => tracing::debug!("how much waits in Kafka is not known now: {error:#}"),
        }
    }
    Ok(())
}

const fn unreachable(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve};
    matches!(code, AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve)
}

/// A partition's log.
struct Log {
    /// The name of its position in the books.
    source: String,
    /// The first offset it still has.
    begin: i64,
    /// The offset after the last.
    end: i64,
}

/// Each partition's log, by the name of its position in the books.
async fn ends(consumer: Arc<Consumer>) -> anyhow::Result<KafkaResult<Vec<Log>>> {
    // librdkafka's queries block; they run where blocking is allowed.
    let asked = tokio::task::spawn_blocking(move || {
        let mut ends = Vec::new();
        for topic in Topic::ALL.map(Topic::name) {
            let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
            if metadata.topics().iter().any(|topic| topic.error().is_some() || topic.partitions().is_empty()) {
                // Made or moved right now: that nothing is there to be counted does not mean that nothing waits.
                return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
            }
            for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
                let (begin, end) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
                ends.push(Log { source: position_name(topic, partition.id()), begin, end });
            }
        }
        Ok(ends)
    });
    Ok(asked.await?)
}

/// How many records of all partitions are not in the books.
async fn waiting(ends: Vec<Log>, database: &Database) -> anyhow::Result<u64> {
    let mut waiting = 0;
    for Log { source, begin, end } in ends {
        let position = positions::load(&database.reader, &source).await?.unwrap_or(0);
        // What retention has deleted unread waits no more: it is lost, and the ledger says so.
        waiting += unsigned(end - position.max(begin));
    }
    Ok(waiting)
}
