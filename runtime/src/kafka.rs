//! Settings every Kafka client shares, and the making of topics.

use std::time::Duration;

use anyhow::Context;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::types::RDKafkaErrorCode;

/// Settings for a client of the brokers at `brokers` (`HOST:PORT[,HOST:PORT…]`).
pub fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("client.id", env!("CARGO_PKG_NAME"))
        // A broker that comes back should be found within a second, not within librdkafka's default of ten.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("topic.metadata.refresh.fast.interval.ms", "100")
        .set("broker.address.family", "v4");
    config
}

/// A topic to make.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Into how many parts.
    pub partitions: i32,
}

/// Makes the topics that are not there, with the brokers' default replication.
pub async fn ensure_topics(brokers: &str, topics: &[Topic]) -> anyhow::Result<()> {
    let admin: AdminClient<DefaultClientContext> = client(brokers).create().context("no Kafka admin client")?;
    let wanted: Vec<NewTopic<'_>> =
        topics.iter().map(|topic| NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(1))).collect();
    let options = AdminOptions::new()
        .operation_timeout(Some(Duration::from_secs(10)))
        .request_timeout(Some(Duration::from_secs(10)));
    let results = admin.create_topics(&wanted, &options).await.context("the broker makes no topics")?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
            Err((topic, code)) => anyhow::bail!("the broker did not make the topic {topic}: {code}"),
        }
    }
    Ok(())
}
