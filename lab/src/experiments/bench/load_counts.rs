//! The counts of a load.

use std::time::Instant;

/// The time that counts.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) begin: Instant,
    pub(super) end: Instant,
    /// The most events of a connection.
    pub(super) most: u64,
}

/// The counts of a connection.
#[derive(Default)]
pub(super) struct LoadCounts {
    /// Events that were accepted.
    pub(super) accepted: u64,
    /// Those of them that were accepted in the window.
    pub(super) in_window: u64,
    /// Requests that were refused and sent again.
    pub(super) refused: u64,
    /// Events of a schedule that were not sent.
    pub(super) unsent: u64,
    /// The times until accepted, in microseconds.
    pub(super) micros: Vec<u64>,
}

impl LoadCounts {
    /// Adds those of another connection.
    pub(super) fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.in_window += other.in_window;
        self.refused += other.refused;
        self.unsent += other.unsent;
        self.micros.extend(other.micros);
    }
}
