//! How much waits in Kafka: the partitions' ends against the books' positions, once a second.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::Route;
use domain::event::Topic;
use rdkafka::consumer::{Consumer, StreamConsumer};
use runtime::clock;
use runtime::database::Database;
use tokio_util::sync::CancellationToken;

use super::kafka::position_name;
use crate::live::Live;
use crate::store::{positions, unsigned};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Watches until the service stops; `broker_up` is told whether the broker answered.
pub async fn watch(
    consumer: Arc<StreamConsumer>,
    database: Database,
    live: Arc<Live>,
    broker_up: tokio::sync::watch::Sender<Option<String>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let asked = clock::now();
        match waiting(consumer.clone(), &database).await {
            Ok(waiting) => {
                broker_up.send_replace(None);
                metrics::gauge!("ese_consumer_lag_events", "route" => Route::Kafka.name()).set(waiting as f64);
                live.route(Route::Kafka, asked, waiting);
            }
            Err(error) => {
                tracing::debug!("{error:#}");
                broker_up.send_replace(Some("the broker does not answer".to_owned()));
            }
        }
    }
    Ok(())
}

/// How many records of all partitions are not in the books.
async fn waiting(consumer: Arc<StreamConsumer>, database: &Database) -> anyhow::Result<u64> {
    // librdkafka's queries block; they run where blocking is allowed.
    let ends = tokio::task::spawn_blocking(move || {
        let mut ends = Vec::new();
        for topic in Topic::ALL.map(Topic::name) {
            let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
            for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
                let (_, end) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
                ends.push((position_name(topic, partition.id()), end));
            }
        }
        anyhow::Ok(ends)
    });
    let mut waiting = 0;
    for (source, end) in ends.await?.context("the ends of the partitions are not known")? {
        let position = positions::load(&database.reader, &source).await?.unwrap_or(0);
        waiting += unsigned(end - position);
    }
    Ok(waiting)
}
