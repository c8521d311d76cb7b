//! A load, its target and its result, as `ese bench` and its generator exchange them.

use std::fmt;

use domain::Route;
use serde::{Deserialize, Serialize};

use super::template::Shape;

/// The receiver of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The bare handler: it parses the events, accepts them and does nothing else.
    Bare,
    /// The backend, over one route.
    Route(Route),
    /// Kafka's own `ProducerPerformance`, which sends a load of its own to the same broker.
    Producer,
    /// Another server at HOST:PORT, which has the original example's contract.
    Elsewhere(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Route(route) => route.name(),
            Self::Producer => "producer",
            Self::Elsewhere(address) => address,
        })
    }
}

/// A load for the generator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Load {
    /// HOST:PORT.
    pub(super) address: String,
    pub(super) route: Option<Route>,
    pub(super) shape: Shape,
    pub(super) connections: usize,
    /// Events a second on a schedule that waits for no answer, one event a request; without it, each connection sends as soon
    /// as it has its answer.
    pub(super) rate: Option<u64>,
    /// The time before the window, in seconds.
    pub(super) warm_up: f64,
    /// The time of the window, in seconds.
    pub(super) seconds: f64,
    /// The load ends earlier, when so many events are accepted.
    pub(super) events: Option<u64>,
    /// Makes the ids of sessions and events unique.
    pub(super) run: u64,
}

/// The result of a load.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Loaded {
    /// When it began, in microseconds since the epoch: event number I of a schedule was due I / rate later.
    pub(super) began: i64,
    /// All events that were accepted.
    pub(super) accepted: u64,
    /// How many of them each session sent, with the numbers from 1 on. Empty where events have no numbers.
    pub(super) sessions: Vec<(String, u64)>,
    /// Those of them that were accepted in the window, a second.
    pub(super) rate: f64,
    /// Requests that were refused and sent again.
    pub(super) refused: u64,
    /// Events of a schedule that were not sent, because every earlier one of the connection took too long.
    pub(super) unsent: u64,
    /// The median of the times from when an event was due, or first sent, until it was accepted, in milliseconds.
    pub(super) p50_ms: f64,
    /// The 99th percentile of the same.
    pub(super) p99_ms: f64,
    /// The generator's own CPU time, in seconds.
    pub(super) cpu_seconds: f64,
}
