//! Warns of the topic of custom events where it exists and this consumer does not read it.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use rdkafka::types::RDKafkaErrorCode;
use runtime::kafka::Queries;
use tokio_util::sync::CancellationToken;

/// How often to look: a backend with `--event-types` may make the topic at any time.
const EVERY: Duration = Duration::from_mins(1);
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Looks until the topic exists, or the service stops.
pub async fn watch(queries: Arc<Queries>, topic: String, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let (client, name) = (queries.clone(), topic.clone());
        match tokio::task::spawn_blocking(move || look(&client, &name)).await? {
            Ok(None) => {
                tracing::warn!(
                    topic,
                    "the topic exists, but this consumer does not read it; --event-types makes it read the topic"
                );
                break;
            }
            // A user without any right to it would be refused again and again.
            Ok(Some(RDKafkaErrorCode::TopicAuthorizationFailed)) => break,
            Ok(Some(_)) | Err(_) => (),
        }
        if stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
            break;
        }
    }
    stop.cancelled().await;
    Ok(())
}

/// The error of the topic; none if it exists.
fn look(queries: &Queries, topic: &str) -> KafkaResult<Option<RDKafkaErrorCode>> {
    let metadata = queries.fetch_metadata(Some(topic), TIMEOUT)?;
    Ok(metadata.topics().iter().find_map(|found| found.error()).map(RDKafkaErrorCode::from))
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use rdkafka::types::RDKafkaRespErr;
    use runtime::kafka::{DebugLog, client};

    use super::*;

    #[test]
    fn a_topic_exists_is_missing_or_is_hidden() {
        let cluster = MockCluster::new(1).unwrap();
        for topic in ["there", "hidden"] {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        cluster.topic_error("hidden", RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).unwrap();
        let mut settings = client(&cluster.bootstrap_servers());
        settings.set("allow.auto.create.topics", "false");
        let queries: Queries = settings.create_with_context(DebugLog).unwrap();
        let of = |topic| look(&queries, topic).unwrap();
        assert_eq!(of("there"), None);
        assert_eq!(of("missing"), Some(RDKafkaErrorCode::UnknownTopicOrPartition));
        assert_eq!(of("hidden"), Some(RDKafkaErrorCode::TopicAuthorizationFailed));
    }
}
