//! Between backend and consumer: a page of http-poll's store, and the answer to http-push.

use serde::{Deserialize, Serialize};

use crate::Event;
use crate::ledger::Seen;

/// The answer to `GET /api/events?after=…&limit=…&wait_ms=…`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Page {
    /// Events after the cursor, ascending by position.
    pub events: Vec<Stored>,
    /// The last position given out so far, so `head - cursor` is the lag in events at most.
    pub head: i64,
    /// How many events have expired before the consumer acknowledged them, ever.
    pub expired: i64,
}

/// An event in http-poll's store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Stored {
    /// Its position; positions ascend in commit order.
    pub position: i64,
    /// The event.
    pub event: Event,
}

/// The consumer's answer to a forwarded batch, given after its transaction committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Delivered {
    /// For each event, in the order of the batch.
    pub seen: Vec<Seen>,
}
