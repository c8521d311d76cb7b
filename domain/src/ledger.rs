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
    /// The final balance of a closed ledger. Its sets are empty.
    pub closed: Option<Balance>,
    /// How many arrivals came after it was closed.
    pub refused: u64,
    /// Whether an earlier ledger of the session may be part of the sums already.
    pub resumed: bool,
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
    /// The session's ledger is closed; it must have no effect under any guarantee.
    Refused,
}

impl Seen {
    /// Whether the event may have effects.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::New | Self::Reordered)
    }
}

/// The most ranges that a set of a ledger may have: a client that is in order has a handful. A number that would begin one
/// more closes the ledger. So neither the row of a session nor the work for an event of it grows without end.
pub const MAX_FRAGMENTS: usize = 2_000;
/// The largest number in a report: one client takes three years for it at ten thousand events a second.
pub const MAX_REPORTED: u64 = 1_000_000_000_000;
/// Why an event of a closed ledger is refused.
pub const CLOSED: &str = "the numbers of this session have too many gaps on this route (more than 2000 ranges), so its \
                          ledger is closed; begin a new session";

/// The session's reports together have sets of too many ranges or numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a set has more than {MAX_FRAGMENTS} ranges, or a number above {MAX_REPORTED}")]
pub struct NotPlausible;

impl Report {
    /// Whether the report is within these bounds; sums over larger ones could overflow.
    pub fn is_plausible(&self) -> bool {
        let sets = [&self.emitted, &self.accepted, &self.rejected, &self.shed];
        sets.iter().all(|set| set.fragments() <= MAX_FRAGMENTS && set.last().is_none_or(|last| last <= MAX_REPORTED))
    }

    /// All that either report has.
    fn union(&self, other: &Self) -> Self {
        Self {
            emitted: self.emitted.union(&other.emitted),
            accepted: self.accepted.union(&other.accepted),
            rejected: self.rejected.union(&other.rejected),
            shed: self.shed.union(&other.shed),
        }
    }

    /// The numbers from `first` on.
    fn starting_at(&self, first: u64) -> Self {
        Self {
            emitted: self.emitted.starting_at(first),
            accepted: self.accepted.starting_at(first),
            rejected: self.rejected.starting_at(first),
            shed: self.shed.starting_at(first),
        }
    }
}

impl SessionLedger {
    /// Enters one arrival.
    pub fn enter(&mut self, number: u64, now: Timestamp) -> Seen {
        if self.closed.is_none() && self.is_one_gap_too_many(number) {
            self.close();
        }
        if self.closed.is_some() {
            self.refused += 1;
            return Seen::Refused;
        }
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

    fn is_one_gap_too_many(&self, number: u64) -> bool {
        let processed = &self.processed;
        processed.fragments() >= MAX_FRAGMENTS && !processed.contains(number) && !processed.touches(number)
    }

    /// Closes the ledger for good: nothing comes into it any more. So events in flight count as rejected.
    fn close(&mut self) {
        let open = self.balance(Timestamp::MIN);
        self.closed = Some(Balance { rejected: open.rejected + open.in_flight, in_flight: 0, ..open });
        (self.processed, self.report) = Default::default();
    }

    /// Adds a client's report; an older one takes nothing back. A closed ledger stays as it is.
    ///
    /// Where an earlier ledger of the session may be part of the sums, its numbers must not count again. There a report counts
    /// only from the first number on that has come since; the later reports have the others, because reports only grow.
    pub fn add_report(&mut self, report: &Report, now: Timestamp) -> Result<(), NotPlausible> {
        if self.closed.is_some() {
            return Ok(());
        }
        let all = match (self.resumed, self.processed.first()) {
            (false, _) => self.report.union(report),
            (true, Some(first)) => self.report.union(&report.starting_at(first)),
            (true, None) => return Ok(()),
        };
        if !all.is_plausible() {
            return Err(NotPlausible);
        }
        self.report = all;
        self.reported_at = Some(now);
        Ok(())
    }

    /// Whether nothing has come into it yet.
    pub const fn is_new(&self) -> bool {
        self.processed_at.is_none() && self.reported_at.is_none() && self.closed.is_none()
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

    /// The balance, for a route that was last seen empty at `drained_at`.
    pub fn balance(&self, drained_at: Timestamp) -> Balance {
        if let Some(closed) = self.closed {
            return Balance { refused: self.refused, ..closed };
        }
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
            refused: self.refused,
            residual: i64::try_from(i128::from(emitted.len()) - i128::from(explained)).unwrap_or(i64::MIN),
        }
    }
}
