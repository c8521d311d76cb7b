//! The numbers that the panels of a timeline show.

use crate::results::Second;

/// The number that a panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Events processed in a second.
    Processed,
    /// Events due and not processed.
    Waiting,
    /// The share of a second in which a sender was not accepted within one second.
    Unavailable,
}

impl Measure {
    /// All three, from top to bottom.
    pub const ALL: [Self; 3] = [Self::Processed, Self::Waiting, Self::Unavailable];

    /// The title and the unit.
    pub const fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Processed => ("Processed", "events/s"),
            Self::Waiting => ("Waiting", "events"),
            Self::Unavailable => ("Unavailable", "% of the time"),
        }
    }

    /// The value for several seconds: the highest number of waiting events stays visible, the others are means.
    pub(crate) fn over(self, seconds: &[Second]) -> f64 {
        match self {
            Self::Processed => mean(seconds, |second| second.processed as f64),
            Self::Waiting => seconds.iter().map(|second| second.waiting as f64).fold(0.0, f64::max),
            Self::Unavailable => mean(seconds, |second| second.unavailable * 100.0),
        }
    }
}

/// The mean over seconds; 0 of none.
pub(crate) fn mean(seconds: &[Second], read: impl Fn(&Second) -> f64) -> f64 {
    seconds.iter().map(read).sum::<f64>() / seconds.len().max(1) as f64
}
