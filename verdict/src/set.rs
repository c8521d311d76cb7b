//! The scenarios that come with the program, in the order of the report.

use crate::Scenario;

/// A file's name and its content.
type File = (&'static str, &'static str);

/// The file of the scenario with this name.
macro_rules! file {
    ($folder:literal, $name:literal) => {
        (concat!($folder, $name, ".toml"), include_str!(concat!("../../", $folder, $name, ".toml")))
    };
}

const ALL: [File; 25] = [
    file!("scenarios/", "quiet"),
    file!("scenarios/", "cold-start"),
    file!("scenarios/", "steady"),
    file!("scenarios/", "burst"),
    file!("scenarios/", "large-events"),
    file!("scenarios/", "consumer-down"),
    file!("scenarios/", "slow-consumer"),
    file!("scenarios/", "crash-loop"),
    file!("scenarios/", "database-down"),
    file!("scenarios/", "database-down-no-retry"),
    file!("scenarios/", "backend-down"),
    file!("scenarios/", "broker-restart"),
    file!("scenarios/", "leader-killed"),
    file!("scenarios/", "mail-server-down"),
    file!("scenarios/", "hot-key"),
    file!("scenarios/", "more-consumers"),
    file!("scenarios/", "more-consumers-than-partitions"),
    file!("scenarios/", "second-reader"),
    file!("scenarios/", "new-rule-old-events"),
    file!("scenarios/", "senders-offline"),
    file!("scenarios/", "outage-outlasts-store"),
    file!("scenarios/", "slow-network"),
    file!("scenarios/", "at-most-once"),
    file!("scenarios/", "at-least-once"),
    file!("scenarios/", "effectively-once"),
];

/// Short variants of five scenarios. Three repetitions decide what is lost, unavailable or missing without the consumer,
/// without the broker, without a history and after a long outage; times and costs are shown, and not decided.
const QUICK: [File; 5] = [
    file!("scenarios/quick/", "quiet"),
    file!("scenarios/quick/", "consumer-down"),
    file!("scenarios/quick/", "broker-restart"),
    file!("scenarios/quick/", "second-reader"),
    file!("scenarios/quick/", "outage-outlasts-store"),
];

/// All scenarios.
pub fn all() -> Vec<Scenario> {
    parsed(&ALL)
}

/// The scenarios of `ese compare --quick`. Each has the name of a scenario of [`all`].
pub fn quick() -> Vec<Scenario> {
    parsed(&QUICK)
}

/// The tests hold that no file has an error.
fn parsed(files: &[File]) -> Vec<Scenario> {
    files.iter().filter_map(|(name, text)| Scenario::parse(text, name).ok()).collect()
}

#[cfg(test)]
mod tests;
