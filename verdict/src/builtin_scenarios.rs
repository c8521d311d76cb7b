//! The scenarios that come with the program, in the order of the report.

use crate::Scenario;

/// A file's name and its content.
type File = (&'static str, &'static str);

/// The files of the scenarios with these names.
macro_rules! files {
    ($folder:literal: $($name:literal)+) => {
        &[$((concat!($folder, $name, ".toml"), include_str!(concat!("../../", $folder, $name, ".toml")))),+]
    };
}

const ALL: &[File] = files! { "scenarios/":
    "quiet" "cold-start" "steady" "burst" "large-events" "consumer-down" "slow-consumer" "crash-loop"
    "database-down" "database-down-no-retry" "backend-down" "broker-restart" "leader-killed" "mail-server-down"
    "hot-key" "more-consumers" "more-consumers-than-partitions" "second-reader" "new-rule-old-events"
    "senders-offline" "outage-outlasts-store" "slow-network" "at-most-once" "at-least-once" "effectively-once"
};

/// Short variants of five scenarios. Three repetitions decide what is lost, unavailable or missing without the consumer,
/// without the broker, without a history and after a long outage; times and costs are shown, and not decided.
const QUICK: &[File] = files! { "scenarios/quick/":
    "quiet" "consumer-down" "broker-restart" "second-reader" "outage-outlasts-store"
};

/// All scenarios.
pub fn all() -> Vec<Scenario> {
    parsed(ALL)
}

/// The scenarios of `ese compare --quick`. Each has the name of a scenario of [`all`].
pub fn quick() -> Vec<Scenario> {
    parsed(QUICK)
}

/// The tests hold that no file has an error.
fn parsed(files: &[File]) -> Vec<Scenario> {
    files.iter().filter_map(|(name, text)| Scenario::parse(text, name).ok()).collect()
}

#[cfg(test)]
mod tests;
