//! Exact books: for each session and route, which numbers were seen, and what the client says it did.
//!
//! Per route, always: `emitted = processed + rejected + shed + in flight + lost`.
//! Each term on the right is counted from its own evidence, and what the identity leaves over is the residual.

mod balance;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{Intervals, Timestamp};

pub use balance::Balance;

/// How long a client's report may lag behind the events it speaks of before the difference counts, in milliseconds.
pub const REPORT_SLACK_MS: i64 = 5_000;

/// The account of one session on one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionLedger {
    /// The numbers processed.
    pub processed: Intervals,
    /// How often a number came again.
    pub duplicates: u64,
    /// How often a number came after a larger one.
    pub reordered: u64,
    /// When the last new number was processed, by the consumer's clock.
    pub processed_at: Option<Timestamp>,
    /// What the client said last.
    pub report: Report,
    /// When it said so, by the consumer's clock.
    pub reported_at: Option<Timestamp>,
}

/// A client's own counts for one route; they only ever grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// What the books say of one arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
/// The largest number a report may name; so many events take one client three years at ten thousand a second.
pub const MAX_REPORTED: u64 = 1_000_000_000_000;

impl Report {
    /// Whether it is a report that a client could honestly make; sums over others could overflow.
    pub fn is_plausible(&self) -> bool {
        let sets = [&self.emitted, &self.accepted, &self.rejected, &self.shed];
        sets.iter().all(|set| set.fragments() <= MAX_FRAGMENTS && set.last().is_none_or(|last| last <= MAX_REPORTED))
    }
}

impl SessionLedger {
    /// Enters one arrival into the books.
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

    /// Takes in what the client says; old news cannot undo newer.
    pub fn hear(&mut self, report: &Report, now: Timestamp) {
        self.report.emitted = self.report.emitted.union(&report.emitted);
        self.report.accepted = self.report.accepted.union(&report.accepted);
        self.report.rejected = self.report.rejected.union(&report.rejected);
        self.report.shed = self.report.shed.union(&report.shed);
        self.reported_at = Some(now);
    }

    /// The numbers that were accepted and never came, on a route that was empty at `drained_at`:
    /// whatever was accepted before a report that is older than that moment must have come by then.
    pub fn lost(&self, drained_at: Timestamp) -> Intervals {
        match self.reported_at {
            Some(reported_at) if reported_at < drained_at => {
                self.report.accepted.minus(&self.processed).minus(&self.report.rejected).minus(&self.report.shed)
            }
            _ => Intervals::default(),
        }
    }
}
