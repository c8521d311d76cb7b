//! How much waits in Kafka, and who has which partition: the logs' ends against the books' positions, once a second.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::api::Partition;
use domain::event::Topic;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode;
use runtime::clock;
use runtime::database::Database;
use runtime::kafka::Consumer;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::kafka::position_name;
use super::kafka_group::{self, Place};
use crate::live::Live;
use crate::store::{positions, unsigned};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How often to knock, and how long to wait for an answer.
const KNOCK_EVERY: Duration = Duration::from_millis(300);
const KNOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// The broker's trouble, told by whoever notices first.
pub type Trouble = tokio::sync::watch::Sender<Option<String>>;

fn tell(broker: &Trouble, down: bool) {
    let trouble = down.then(|| "it does not answer".to_owned());
    broker.send_if_modified(|known| {
        let changed = *known != trouble;
        *known = trouble;
        changed
    });
}

/// Knocks at the brokers' doors until the service stops: one that is gone refuses at once, while the queries of
/// [`watch`] try again until their time is up.
pub async fn knock(brokers: String, broker: Trouble, stop: CancellationToken) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(KNOCK_EVERY)).await.is_some() {
        if !somebody_is_there(&brokers).await {
            tell(&broker, true);
        }
    }
    Ok(())
}

async fn somebody_is_there(brokers: &str) -> bool {
    for address in brokers.split(',') {
        if let Ok(Ok(_)) = tokio::time::timeout(KNOCK_TIMEOUT, TcpStream::connect(address)).await {
            return true;
        }
    }
    false
}

/// Watches until the service stops; `broker` is told the broker's trouble, if it has any.
pub async fn watch(
    (consumer, group): (Arc<Consumer>, String),
    database: Database,
    live: Arc<Live>,
    broker: Trouble,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let asked = clock::now();
        let logs = logs(consumer.clone(), group.clone()).await?;
        // Only a broker that does not answer is down; one that is still making a topic is not.
        let down = matches!(&logs, Err(error) if error.rdkafka_error_code().is_some_and(unreachable));
        tell(&broker, down);
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
    place: Place,
    /// The first offset it still has.
    begin: i64,
    /// The offset after the last.
    end: i64,
    /// Who has it.
    owner: Option<String>,
}

/// Each partition's log.
async fn logs(consumer: Arc<Consumer>, group: String) -> anyhow::Result<KafkaResult<Vec<Log>>> {
    // librdkafka's queries block; they run where blocking is allowed.
    let asked = tokio::task::spawn_blocking(move || {
        let mut logs = Vec::new();
        for topic in Topic::ALL.map(Topic::name) {
            let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
            if metadata.topics().iter().any(|topic| topic.error().is_some() || topic.partitions().is_empty()) {
                // Made or moved right now: that nothing is there to be counted does not mean that nothing waits.
                return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
            }
            for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
                let (begin, end) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
                logs.push(Log { place: (topic.to_owned(), partition.id()), begin, end, owner: None });
            }
        }
        // Who has a partition is good to know and no more.
        let mut owners = kafka_group::owners(&consumer, &group, TIMEOUT).unwrap_or_default();
        logs.iter_mut().for_each(|log| log.owner = owners.remove(&log.place));
        Ok(logs)
    });
    Ok(asked.await?)
}

/// The partitions as the books see them, and how many of their records are not in the books.
async fn partitions(logs: Vec<Log>, database: &Database) -> anyhow::Result<(Vec<Partition>, u64)> {
    let (mut partitions, mut waiting) = (Vec::new(), 0);
    for Log { place: (topic, partition), begin, end, owner } in logs {
        let source = position_name(&topic, partition);
        // What retention has deleted unread waits no more: it is lost, and the ledger says so.
        let position = positions::load(&database.reader, &source).await?.unwrap_or(0).max(begin);
        waiting += unsigned(end - position);
        partitions.push(Partition { topic, partition, position, end, owner });
    }
    Ok((partitions, waiting))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_cluster_is_gone_when_no_door_opens() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (here, gone) = (listener.local_addr().unwrap(), "127.0.0.1:1");
        assert!(somebody_is_there(&format!("{gone},{here}")).await);
        drop(listener);
        assert!(!somebody_is_there(&format!("{gone},{here}")).await);
    }
}
