//! The criteria: numbers with a unit, for all of which less is better.

use serde::{Deserialize, Serialize};

/// One of the measured numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The sender's wait: from the moment an event was due until it was accepted, for half of the events. An event that never
    /// was counts as longer than all others; the criterion is not measured where it decides.
    AcceptedP50,
    /// The same for all but one event in a hundred.
    AcceptedP99,
    /// From the moment an event was due until the consumer has committed its effects, for half of the events.
    ProcessedP50,
    /// The same for all but one event in a hundred.
    ProcessedP99,
    /// The share of the load's time in which a sender that was due to send was not accepted within one second.
    Unavailable,
    /// Events that were due and never had an effect, although time was given until the route was drained.
    Lost,
    /// Mails and alerts beyond those that the events called for.
    Duplicated,
    /// Events processed after a later event of the same sender.
    OutOfOrder,
    /// The most events that were due and not processed, at any moment.
    MostWaiting,
    /// From the end of the last fault until every event that was due by then has been processed; not measured if one is lost.
    Recovery,
    /// CPU time of all parts that the route needs, for 1,000 processed events.
    Cpu,
    /// The most resident memory of all parts that the route needs together.
    Memory,
    /// The growth of all files of the parts that the route needs, for one processed event.
    Disk,
    /// The processes that the route needs, the mail server and the sender not counted.
    Parts,
    /// From the start of the first process until the first event is processed.
    Startup,
    /// The share of the earlier events that a second, independent reader cannot get.
    MissedHistory,
}

/// The band of a criterion: two medians are practically the same if they differ by no more than the wider bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// A share of the smaller median.
    pub relative: f64,
    /// An absolute difference, in the criterion's unit.
    pub absolute: f64,
}

impl Criterion {
    /// All of them, in the report's order.
    pub const ALL: [Self; 16] = [
        Self::AcceptedP50,
        Self::AcceptedP99,
        Self::ProcessedP50,
        Self::ProcessedP99,
        Self::Unavailable,
        Self::Lost,
        Self::Duplicated,
        Self::OutOfOrder,
        Self::MostWaiting,
        Self::Recovery,
        Self::Cpu,
        Self::Memory,
        Self::Disk,
        Self::Parts,
        Self::Startup,
        Self::MissedHistory,
    ];

    /// The name, the title and the unit.
    const fn words(self) -> [&'static str; 3] {
        match self {
            Self::AcceptedP50 => ["accepted-p50", "Accepted, median", "ms"],
            Self::AcceptedP99 => ["accepted-p99", "Accepted, 99th percentile", "ms"],
            Self::ProcessedP50 => ["processed-p50", "Processed, median", "ms"],
            Self::ProcessedP99 => ["processed-p99", "Processed, 99th percentile", "ms"],
            Self::Unavailable => ["unavailable", "Unavailable", "% of the time"],
            Self::Lost => ["lost", "Lost events", "events"],
            Self::Duplicated => ["duplicated", "Duplicated effects", "mails and alerts"],
            Self::OutOfOrder => ["out-of-order", "Out of order", "events"],
            Self::MostWaiting => ["most-waiting", "Most events waiting", "events"],
            Self::Recovery => ["recovery", "Recovery", "s"],
            Self::Cpu => ["cpu", "CPU time", "s per 1,000 events"],
            Self::Memory => ["memory", "Memory", "MiB"],
            Self::Disk => ["disk", "Disk", "bytes per event"],
            Self::Parts => ["parts", "Parts to run", "processes"],
            Self::Startup => ["startup", "Start to first event", "s"],
            Self::MissedHistory => ["missed-history", "Missed history", "% of the events"],
        }
    }

    /// The name in files.
    pub const fn name(self) -> &'static str {
        self.words()[0]
    }

    /// The title for people.
    pub const fn title(self) -> &'static str {
        self.words()[1]
    }

    /// The unit.
    pub const fn unit(self) -> &'static str {
        self.words()[2]
    }

    /// The meaning, as the documentation of the variants has it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::AcceptedP50 => {
                "from the moment an event was due until its sender had the answer `accepted`, for half of the events."
            }
            Self::AcceptedP99 => "the same for 99 % of the events; measured with 100 events or more.",
            Self::ProcessedP50 => {
                "from the moment an event was due until the consumer had committed its effects, for half of the events."
            }
            Self::ProcessedP99 => "the same for 99 % of the events; measured with 100 events or more.",
            Self::Unavailable => {
                "the share of the load's time in which an event that was due was not accepted within one second."
            }
            Self::Lost => "events that were due and had no effect, after time was given until nothing more came.",
            Self::Duplicated => "mails and alerts beyond those that the events called for.",
            Self::OutOfOrder => "events processed after a later event of the same sender.",
            Self::MostWaiting => "the most events that were due and not processed, at any moment.",
            Self::Recovery => {
                "from the end of the last fault until every event that was due by then was processed; not measured if one is lost."
            }
            Self::Cpu => {
                "CPU time of all parts that the route needs, by processed events. With few events it is the cost of an idle route."
            }
            Self::Memory => "the most resident memory of all parts that the route needs together.",
            Self::Disk => {
                "the growth of all files of the parts that the route needs, by processed events. With few events it is that of an idle route."
            }
            Self::Parts => "the processes that the route needs, without the mail server and the senders.",
            Self::Startup => "from the start of the first process until the first event was processed.",
            Self::MissedHistory => "earlier events that a second, independent reader cannot get.",
        }
    }

    /// Whether it counts what should not be at all, so that 0 is not only less but right.
    pub const fn counts_what_should_not_be(self) -> bool {
        matches!(self, Self::Unavailable | Self::Lost | Self::Duplicated | Self::OutOfOrder | Self::MissedHistory)
    }

    /// The band in which a difference does not matter in practice.
    pub const fn band(self) -> Band {
        let (relative, absolute) = match self {
            Self::AcceptedP50 | Self::AcceptedP99 | Self::ProcessedP50 | Self::ProcessedP99 => (0.1, 2.0),
            Self::Unavailable | Self::MissedHistory => (0.0, 1.0),
            Self::Lost | Self::Duplicated | Self::OutOfOrder | Self::Parts => (0.0, 0.0),
            Self::MostWaiting => (0.1, 10.0),
            Self::Recovery | Self::Startup => (0.1, 0.5),
            Self::Cpu => (0.1, 0.01),
            Self::Memory => (0.1, 5.0),
            Self::Disk => (0.1, 16.0),
        };
        Band { relative, absolute }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_ones_on_the_wire_and_distinct() {
        let mut names = Vec::new();
        for criterion in Criterion::ALL {
            assert_eq!(serde_json::to_value(criterion).unwrap(), criterion.name());
            names.push(criterion.name());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Criterion::ALL.len());
    }
}
