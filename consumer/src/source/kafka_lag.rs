//! The lag on Kafka and the partitions' owners, once a second: the logs' ends compared with the positions in the database.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::api::Partition;
use domain::event::Topic;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode;
use runtime::database::Database;
use runtime::kafka::group::Member;
use runtime::{clock, kafka};
use tokio_util::sync::CancellationToken;

use super::broker_probe::BrokerHealth;
use super::kafka_group::{self, Place};
use crate::live::Live;
use crate::store::{positions, unsigned};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Watches until the service stops; `broker` notes whether the broker answers.
pub async fn watch(
    (consumer, group): (Arc<Member>, String),
    database: Database,
    live: Arc<Live>,
    broker: Arc<BrokerHealth>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let asked = clock::now();
        let logs = logs(consumer.clone(), group.clone()).await?;
        // Only a broker that does not answer is down; one that is still creating a topic is not.
        let down = matches!(&logs, Err(error) if error.rdkafka_error_code().is_some_and(unreachable));
        broker.answered(asked, down);
        let partitions = match logs {
            Ok(logs) => partitions(logs, &database).await,
            Err(error) => Err(error.into()),
        };
        match partitions {
            Ok((partitions, waiting)) => {
                let head = partitions.iter().map(|partition| partition.end).sum();
                live.partitions(partitions);
                live.route(Route::Kafka, asked, waiting, head);
            }
            Err(error) => tracing::debug!("the lag on Kafka is unknown now: {error:#}"),
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
    place: Place,
    /// The first offset it still has.
    begin: i64,
    /// The offset after the last.
    end: i64,
    /// The client id of its owner.
    owner: Option<String>,
}

/// Each partition's log.
async fn logs(consumer: Arc<Member>, group: String) -> anyhow::Result<KafkaResult<Vec<Log>>> {
    // librdkafka's queries block; they run where blocking is allowed.
    let asked = tokio::task::spawn_blocking(move || {
        let mut logs = Vec::new();
        for topic in Topic::ALL.map(Topic::name) {
            let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
            if metadata.topics().iter().any(|topic| topic.error().is_some() || topic.partitions().is_empty()) {
                // The topic is being created or moved: without partitions the lag is unknown, not zero.
                return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
            }
            for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
                let (begin, end) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
                logs.push(Log { place: (topic.to_owned(), partition.id()), begin, end, owner: None });
            }
        }
        // The owners are only for display.
        let mut owners = kafka_group::owners(&consumer, &group, TIMEOUT).unwrap_or_default();
        logs.iter_mut().for_each(|log| log.owner = owners.remove(&log.place));
        Ok(logs)
    });
    Ok(asked.await?)
}

/// The partitions with their positions, and how many of their records are not processed.
async fn partitions(logs: Vec<Log>, database: &Database) -> anyhow::Result<(Vec<Partition>, u64)> {
    let (mut partitions, mut waiting) = (Vec::new(), 0);
    for Log { place: (topic, partition), begin, end, owner } in logs {
        let source = kafka::positions::Partition { topic: topic.clone(), number: partition }.to_string();
        // Records that retention has deleted unread do not wait: they are lost, and counted so in the ledger.
        let position = positions::load(&database.reader, &source).await?.unwrap_or(0).max(begin);
        waiting += unsigned(end - position);
        partitions.push(Partition { topic, partition, position, end, owner });
    }
    Ok((partitions, waiting))
}
