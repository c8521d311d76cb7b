//! The identity with its numbers, for one session or for a sum of them.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use super::{REPORT_SLACK_MS, SessionLedger};
use crate::Timestamp;

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
            residual: sum.residual + one.residual,
        })
    }
}

impl SessionLedger {
    /// The balance, for a route that was last seen empty at `drained_at`.
    pub fn balance(&self, drained_at: Timestamp) -> Balance {
        let report = &self.report;
        // A report is a moment behind the events: a processed number that it lacks counts only if the report is well after it.
        let settled = match (self.reported_at, self.processed_at) {
            (Some(reported), Some(processed)) => reported > processed.plus_millis(REPORT_SLACK_MS),
            _ => false,
        };
        let emitted = if settled { report.emitted.clone() } else { report.emitted.union(&self.processed) };
        let lost = self.lost(drained_at);
        let in_flight = emitted.minus(&self.processed).minus(&report.rejected).minus(&report.shed).minus(&lost).len();
        let (processed, rejected, shed) = (self.processed.len(), report.rejected.len(), report.shed.len());
        let explained = processed + rejected + shed + in_flight + lost.len();
        Balance {
            emitted: emitted.len(),
            processed,
            rejected,
            shed,
            in_flight,
            lost: lost.len(),
            duplicates: self.duplicates,
            reordered: self.reordered,
            residual: i64::try_from(i128::from(emitted.len()) - i128::from(explained)).unwrap_or(i64::MIN),
        }
    }
}
