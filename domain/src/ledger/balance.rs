//! The identity with its numbers, for one session or for a sum of them.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

/// `emitted = processed + rejected + shed + in_flight + lost + residual`, in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Balance {
    /// Numbered by clients for this route.
    pub emitted: u64,
    /// Entered into the ledger, with their effects.
    pub processed: u64,
    /// Refused for good.
    pub rejected: u64,
    /// Dropped by a client's own full queue.
    pub shed: u64,
    /// On the way: queued at the client, or accepted and not yet processed.
    pub in_flight: u64,
    /// Accepted, and not processed although the route was empty since.
    pub lost: u64,
    /// Arrivals of a number seen before (not part of the identity).
    pub duplicates: u64,
    /// Arrivals after a larger number (not part of the identity).
    pub reordered: u64,
    /// Arrivals of sessions whose ledger was closed before, because their numbers have too many gaps (not part of the
    /// identity).
    #[serde(default)]
    pub refused: u64,
    /// The difference between both sides of the identity; anything but 0 is a bug in the counting.
    pub residual: i64,
}

impl Balance {
    /// Whether every event has come to its end: none is in flight or lost, and the residual is 0.
    pub const fn is_exact(&self) -> bool {
        self.in_flight == 0 && self.lost == 0 && self.residual == 0
    }
}

impl Sum for Balance {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            emitted: sum.emitted + one.emitted,
            processed: sum.processed + one.processed,
            rejected: sum.rejected + one.rejected,
            shed: sum.shed + one.shed,
            in_flight: sum.in_flight + one.in_flight,
            lost: sum.lost + one.lost,
            duplicates: sum.duplicates + one.duplicates,
            reordered: sum.reordered + one.reordered,
            refused: sum.refused + one.refused,
            residual: sum.residual + one.residual,
        })
    }
}
