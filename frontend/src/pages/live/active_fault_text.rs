//! The text of active faults: where they are, what they do, and how long.

use domain::Timestamp;
use domain::api::faults::ActiveFault;

use crate::format::age;

/// The part or the connection, as a title.
pub fn title(target: &str) -> String {
    match ends(target) {
        Some((from, to)) => format!("Connection from the {from} to the {to}"),
        None => format!("The {target}"),
    }
}

/// The part or the connection, within a sentence.
fn place(target: &str) -> String {
    ends(target).map_or_else(|| target.to_owned(), |(from, to)| format!("{from} to {to}"))
}

/// The ends of a connection, such as `backend-consumer`; none for a part, such as `consumer-2`.
fn ends(target: &str) -> Option<(&str, &str)> {
    target.split_once('-').filter(|(_, to)| to.starts_with(|first: char| first.is_ascii_lowercase()))
}

/// The effect, in one or two words.
fn effect(kind: &str) -> &str {
    match kind {
        "kill" => "killed",
        "stop" => "stopped",
        "pause" => "paused",
        "slow-events" => "slow events",
        "slow-commits" => "slow commits",
        "mail-later" => "mails put off",
        "mail-refused" => "mails refused",
        "slow-mail" => "slow answers",
        "latency" => "delayed",
        "bandwidth" => "narrow",
        "reset" => "dropped",
        other => other,
    }
}

/// The effect and its age.
fn mark(fault: &ActiveFault, now: Timestamp) -> String {
    format!("{} {}", effect(&fault.kind), age(seconds_between(fault.since, now)))
}

/// The marks of all active faults there, as one text.
pub fn marks(active: &[ActiveFault], target: &str, now: Timestamp) -> String {
    joined(active.iter().filter(|fault| fault.target == target).map(|fault| mark(fault, now)))
}

/// All active faults as one sentence. It has no ages, so that it is announced only when it changes.
pub fn summary(active: &[ActiveFault]) -> String {
    match active {
        [] => "No fault is active. Choose a part or a connection in the picture to break it.".to_owned(),
        _ => format!(
            "Broken on purpose: {}.",
            joined(active.iter().map(|fault| format!("{} ({})", place(&fault.target), effect(&fault.kind))))
        ),
    }
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.reduce(|all, word| all + ", " + &word).unwrap_or_default()
}

/// The age, and the time that is left.
pub fn times(fault: &ActiveFault, now: Timestamp) -> String {
    let active = format!("Active for {}", age(seconds_between(fault.since, now)));
    match fault.until {
        Some(until) => format!("{active}; ends by itself in {}.", age(seconds_between(now, until))),
        None => format!("{active}, until you end it."),
    }
}

fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    (to.millis_since(from) / 1000.0).max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_connections_have_titles() {
        assert_eq!(title("backend-consumer"), "Connection from the backend to the consumer");
        assert_eq!([title("consumer"), title("consumer-2")], ["The consumer", "The consumer-2"]);
    }

    #[test]
    fn a_fault_shows_its_age_and_the_time_that_is_left() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let mut fault = ActiveFault {
            id: 1,
            kind: "pause".to_owned(),
            target: "consumer".to_owned(),
            parameters: std::collections::BTreeMap::new(),
            since: at(100),
            until: None,
        };
        let active = [fault.clone()];
        assert_eq!(marks(&active, "consumer", at(112)), "paused 12 s");
        assert_eq!(marks(&active, "mailer", at(112)), "");
        assert_eq!(summary(&active), "Broken on purpose: consumer (paused).");
        assert_eq!(mark(&fault, at(99)), "paused 0 s", "clocks may differ");
        assert_eq!(times(&fault, at(112)), "Active for 12 s, until you end it.");
        fault.until = Some(at(130));
        assert_eq!(times(&fault, at(112)), "Active for 12 s; ends by itself in 18 s.");
    }
}
