//! A consumer group's member that gets its partitions from the group and its offsets from the program.
//!
//! librdkafka would start each partition at the broker's offset. Here it waits until the program has read the positions and
//! calls `assign` with them. A revocation takes effect at once.

use std::error::Error;
use std::sync::Arc;

use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientConfig, TopicPartitionList};
use tokio::sync::mpsc;

use super::DebugLog;
use super::positions::Partition;

/// A member of a group; [`super::consumer_loop::Follower`] reads it.
pub(super) type Member = StreamConsumer<Group>;

/// A change of the member's partitions.
#[derive(Debug)]
pub(super) enum Rebalance {
    /// The member gets these partitions; the group waits for [`rdkafka::consumer::Consumer::assign`].
    Assigned(Vec<Partition>),
    /// The member has lost all its partitions.
    Revoked,
}

/// Passes each rebalance on to the program.
pub(super) struct Group {
    // The group waits for the answer to one change before it makes the next, so this queue stays short.
    changes: mpsc::UnboundedSender<Rebalance>,
}

/// A new member with the settings of [`super::consumer`], and the changes of its partitions.
pub(super) fn join(
    settings: &ClientConfig,
    topics: &[String],
) -> KafkaResult<(Arc<Member>, mpsc::UnboundedReceiver<Rebalance>)> {
    let (changes, receiver) = mpsc::unbounded_channel();
    let member: Member = settings.create_with_context(Group { changes })?;
    member.subscribe(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok((Arc::new(member), receiver))
}

impl ClientContext for Group {
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

impl ConsumerContext for Group {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, change: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        if change == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let assigned = partitions.elements().iter().map(Partition::of).collect();
            if self.changes.send(Rebalance::Assigned(assigned)).is_ok() {
                return;
            }
            // The program has stopped reading; the group must not wait for it.
        } else {
            drop(self.changes.send(Rebalance::Revoked));
        }
        if let Err(error) = consumer.unassign() {
            tracing::warn!(%error, "the partitions could not be given back; the group takes them after the session timeout");
        }
    }
}
