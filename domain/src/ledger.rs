//! The ledger: for each session and route, the processed numbers and the client's own report.
//!
//! Per route, always: `emitted = processed + rejected + shed + in flight + lost`.
//! Each term on the right is counted from its own data. The difference between both sides is the residual.

mod balance;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{Intervals, Timestamp};

pub use balance::Balance;

/// How long a client's report may lag behind its events before a difference counts, in milliseconds.
pub const REPORT_SLACK_MS: i64 = 5_000;

/// The ledger of one session on one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionLedger {
    /// The numbers processed.
    pub processed: Intervals,
    /// How many arrivals had a processed number.
    pub duplicates: u64,
    /// How many new numbers came after a larger one.
    pub reordered: u64,
    /// When the last new number was processed, by the consumer's clock.
    pub processed_at: Option<Timestamp>,
    /// The union of the client's reports.
    pub report: Report,
    /// When the last report came, by the consumer's clock.
    pub reported_at: Option<Timestamp>,
}

/// A client's own counts for one route; they only ever grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Report {
    /// The numbers meant for this route.
    #[serde(default)]
    pub emitted: Intervals,
    /// Of those, the numbers answered `accepted` or `duplicate`.
    #[serde(default)]
    pub accepted: Intervals,
    /// The numbers refused for good.
    #[serde(default)]
    pub rejected: Intervals,
    /// The numbers dropped by the client's own full queue, never sent.
    #[serde(default)]
    pub shed: Intervals,
}

/// Whether a number was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The first time, and in order.
    New,
    /// The first time, but after a larger number.
    Reordered,
    /// Seen before; it must have no effect.
    Duplicate,
}

impl Seen {
    /// Whether the event may have effects.
    pub const fn is_new(self) -> bool {
        !matches!(self, Self::Duplicate)
    }
}

/// The most ranges a set in a report may have: a client that is in order has a handful.
pub const MAX_FRAGMENTS: usize = 10_000;
/// The largest number in a report: one client takes three years for it at ten thousand events a second.
pub const MAX_REPORTED: u64 = 1_000_000_000_000;

impl Report {
    /// Whether the report is within these bounds; sums over larger ones could overflow.
    pub fn is_plausible(&self) -> bool {
        let sets = [&self.emitted, &self.accepted, &self.rejected, &self.shed];
        sets.iter().all(|set| set.fragments() <= MAX_FRAGMENTS && set.last().is_none_or(|last| last <= MAX_REPORTED))
    }
}

impl SessionLedger {
    /// Enters one arrival.
    pub fn enter(&mut self, number: u64, now: Timestamp) -> Seen {
        let in_order = self.processed.last().is_none_or(|last| number > last);
        if !self.processed.insert(number) {
            self.duplicates += 1;
            return Seen::Duplicate;
        }
        self.processed_at = Some(now);
        if in_order {
            return Seen::New;
        }
        self.reordered += 1;
        Seen::Reordered
    }

    /// Adds a client's report; an older one takes nothing back.
    pub fn add_report(&mut self, report: &Report, now: Timestamp) {
        self.report.emitted = self.report.emitted.union(&report.emitted);
        self.report.accepted = self.report.accepted.union(&report.accepted);
        self.report.rejected = self.report.rejected.union(&report.rejected);
        self.report.shed = self.report.shed.union(&report.shed);
        self.reported_at = Some(now);
    }

    /// The numbers that were accepted and did not come, on a route that was empty at `drained_at`: all events accepted before
    /// a report that is older than that moment must have come by then.
    pub fn lost(&self, drained_at: Timestamp) -> Intervals {
        match self.reported_at {
            Some(reported_at) if reported_at < drained_at => {
                self.report.accepted.minus(&self.processed).minus(&self.report.rejected).minus(&self.report.shed)
            }
            _ => Intervals::default(),
        }
    }
}
