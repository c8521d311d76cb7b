//! The lag on Kafka and the partitions' leaders and owners, once a second: the logs' ends compared with the positions in the
//! database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::api::Partition;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode;
use runtime::database::Database;
use runtime::kafka::Queries;
use runtime::{clock, kafka};
use tokio_util::sync::CancellationToken;

use super::broker_probe::BrokerHealth;
use super::partition_owners::{self, Place};
use crate::live::Live;
use crate::store::{positions, unsigned};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How long a poll of the client waits for one more error.
const POLL: Duration = Duration::from_millis(1);
/// How long the group's coordinator may take. The question goes to all brokers, and a dead one does not answer.
const OWNERS_TIMEOUT: Duration = Duration::from_millis(500);

/// The topics and the group to watch.
#[derive(Clone)]
pub struct Watched {
    /// The client that asks.
    pub queries: Arc<Queries>,
    /// The consumer group.
    pub group: String,
    /// The names of the topics.
    pub topics: Vec<String>,
}

/// Watches until the service stops; `broker` notes whether the broker answers.
pub async fn watch(
    watched: Watched,
    database: Database,
    live: Arc<Live>,
    broker: Arc<BrokerHealth>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut known = BTreeMap::new();
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let asked = clock::now();
        let logs = logs(watched.clone()).await?;
        // Only a broker that does not answer is down; one that is still creating a topic is not.
        let down = matches!(&logs, Err(error) if error.rdkafka_error_code().is_some_and(unreachable));
        broker.answered(asked, down);
        let partitions = match logs {
            Ok(logs) => partitions(logs, &mut known, &database).await,
            Err(error) => Err(error.into()),
        };
        match partitions {
            Ok((partitions, waiting)) => {
                let head = partitions.iter().map(|partition| partition.end).sum();
                live.partitions(partitions);
                if let Some(waiting) = waiting {
                    live.route(Route::Kafka, asked, waiting, head);
                }
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
    /// The broker that takes its records.
    leader: Option<i32>,
    /// The brokers that keep a copy.
    replicas: Vec<i32>,
    /// Those whose copy is complete.
    in_sync: Vec<i32>,
    /// The first offset it still has, and the offset after the last; none where its leader does not answer.
    ends: Option<(i64, i64)>,
    /// The client id of its owner; none where the group is not known.
    owner: Option<Option<String>>,
}

/// Each partition's log. Only a failure to list the partitions is an error: while one of several brokers is down, the others
/// still name the leaders.
async fn logs(watched: Watched) -> anyhow::Result<KafkaResult<Vec<Log>>> {
    // librdkafka's queries block; they run where blocking is allowed.
    let asked = tokio::task::spawn_blocking(move || {
        let Watched { queries, group, topics } = watched;
        // The client's own errors wait in its queue until it is polled.
        while queries.poll(POLL).is_some() {}
        let mut logs = Vec::new();
        for topic in &topics {
            let metadata = queries.fetch_metadata(Some(topic.as_str()), TIMEOUT)?;
            if metadata.topics().iter().any(|topic| topic.error().is_some() || topic.partitions().is_empty()) {
                // The topic is being created or moved: without partitions the lag is unknown, not zero.
                return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
            }
            logs.extend(metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|partition| Log {
                place: (topic.clone(), partition.id()),
                leader: Some(partition.leader()).filter(|&leader| leader >= 0),
                replicas: sorted(partition.replicas()),
                in_sync: sorted(partition.isr()),
                ends: None,
                owner: None,
            }));
        }
        for log in logs.iter_mut().filter(|log| log.leader.is_some()) {
            match queries.fetch_watermarks(&log.place.0, log.place.1, TIMEOUT) {
                Ok(ends) => log.ends = Some(ends),
                // The next would cost as much time. The leaders are shown first; the ends follow with the next look.
                Err(_) => break,
            }
        }
        // The owners are only for display.
        if let Ok(mut owners) = partition_owners::owners(&queries, &group, OWNERS_TIMEOUT) {
            logs.iter_mut().for_each(|log| log.owner = Some(owners.remove(&log.place)));
        }
        Ok(logs)
    });
    Ok(asked.await?)
}

/// The brokers in the order of their numbers: a new leader is no change of the copies.
fn sorted(brokers: &[i32]) -> Vec<i32> {
    let mut brokers = brokers.to_vec();
    brokers.sort_unstable();
    brokers
}

/// The partitions with their positions, and how many of their records are not processed, if all ends are known now. Where an
/// end or an owner is not, `known` has the last one.
async fn partitions(
    logs: Vec<Log>,
    known: &mut BTreeMap<Place, ((i64, i64), Option<String>)>,
    database: &Database,
) -> anyhow::Result<(Vec<Partition>, Option<u64>)> {
    let (mut partitions, mut waiting) = (Vec::new(), Some(0));
    for Log { place, leader, replicas, in_sync, ends, owner } in logs {
        let last = known.entry(place.clone()).or_default();
        let ((begin, end), owner) = (ends.unwrap_or(last.0), owner.unwrap_or_else(|| last.1.clone()));
        *last = ((begin, end), owner.clone());
        let (topic, partition) = place;
        let source = kafka::positions::Partition { topic: topic.clone(), number: partition }.to_string();
        // Records that retention has deleted unread do not wait: they are lost, and counted so in the ledger.
        let position = positions::load(&database.reader, &source).await?.unwrap_or(0).max(begin);
        waiting = waiting.filter(|_| ends.is_some()).map(|waiting| waiting + unsigned(end - position));
        partitions.push(Partition { topic, partition, position, end, leader, replicas, in_sync, owner });
    }
    Ok((partitions, waiting))
}
