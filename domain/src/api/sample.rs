//! The samples of the live stream, once a second: rates, lag and latency of each route, and the partitions of Kafka.

use serde::{Deserialize, Serialize};

use super::Lag;
use crate::{ByRoute, Timestamp};

/// How many samples a snapshot holds: five minutes of them.
pub const SAMPLES: usize = 300;

/// One second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sample {
    /// Its end, by the consumer's clock.
    pub at: Timestamp,
    /// For each route.
    pub routes: ByRoute<RouteSample>,
}

/// One second of one route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RouteSample {
    /// Events per second that came onto the route; none while that is unknown.
    pub rate_in: Option<f64>,
    /// Events per second that were processed.
    pub rate_out: f64,
    /// How far the consumer is behind, if that is known.
    pub lag: Option<Lag>,
    /// How long events take.
    pub hops: HopTimes,
}

/// Latency over the last ten seconds; none where there was no event, or no report of its sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HopTimes {
    /// In the senders' own queues: emitted until first sent, by their reports; part of no other time.
    pub queued: Option<Quantiles>,
    /// The senders' wait: first sent until accepted, by their reports.
    pub until_accepted: Option<Quantiles>,
    /// Received by the backend until the transaction was committed.
    pub until_processed: Option<Quantiles>,
    /// Received by the backend until the consumer's source had it.
    pub on_route: Option<Quantiles>,
    /// In the source until the transaction was committed.
    pub in_step: Option<Quantiles>,
}

/// In milliseconds, by the nearest rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Quantiles {
    /// Half are faster.
    pub p50_ms: f64,
    /// One in a hundred is slower.
    pub p99_ms: f64,
}

/// One partition of an event topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Partition {
    /// Its topic.
    pub topic: String,
    /// Its number.
    pub partition: i32,
    /// The next offset to process, by the consumer's database.
    pub position: i64,
    /// The offset after the last record.
    pub end: i64,
    /// The number of the broker that takes its records; none during an election.
    pub leader: Option<i32>,
    /// The numbers of all brokers that keep a copy.
    pub replicas: Vec<i32>,
    /// The numbers of those whose copy is complete.
    pub in_sync: Vec<i32>,
    /// Which member of the consumer group has it; none during a rebalance.
    pub owner: Option<String>,
}
