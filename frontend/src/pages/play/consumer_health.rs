//! Why the consumer is down, in a few words for the picture; Live has the whole reason.

use domain::api::faults::FaultsView;
use leptos::prelude::*;

use crate::api::faults as api;
use crate::poll::poll;
use crate::signals::{part_health, text};
use crate::state::part_health::PartHealth;

const ON_PURPOSE: &str = "stopped on purpose";

/// The words for a consumer that is down; empty for one that is not.
pub fn consumer_words() -> Signal<String> {
    let health = part_health("consumer");
    // Empty before the answer about faults.
    let known = RwSignal::new("");
    poll(1, move || {
        let health = health.get();
        async move {
            let before = known.try_get_untracked().unwrap_or_default();
            let after = match &health {
                // A consumer that starts again is down a little longer than its fault is active.
                PartHealth::Down(_) if before == ON_PURPOSE => before,
                PartHealth::Down(why) => api::look().await.map_or(before, |faults| cause(why, faults.as_ref())),
                PartHealth::Up | PartHealth::Unknown => "",
            };
            if after != before {
                known.try_set(after);
            }
        }
    });
    text(move || match (health.with(PartHealth::is_down), known.get()) {
        (false, _) => String::new(),
        (true, "") => "down".to_owned(),
        (true, words) => words.to_owned(),
    })
}

/// The cause, from the supervisor's reason and the faults of the stack, if it offers any.
fn cause(why: &str, faults: Option<&FaultsView>) -> &'static str {
    let mut active = faults.into_iter().flat_map(|faults| &faults.active);
    if active.any(|fault| fault.target == "consumer" && ["kill", "stop", "pause"].contains(&fault.kind.as_str())) {
        ON_PURPOSE
    } else if why.starts_with("killed") || why.starts_with("ended") {
        "it died"
    } else {
        "it does not answer"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::Timestamp;
    use domain::api::faults::ActiveFault;

    use super::*;

    #[test]
    fn only_a_fault_that_stops_it_is_on_purpose() {
        let with = |kind: &str, target: &str| {
            let fault = ActiveFault {
                id: 1,
                kind: kind.to_owned(),
                target: target.to_owned(),
                parameters: BTreeMap::new(),
                since: Timestamp::default(),
                until: None,
            };
            FaultsView { token: String::new(), faults: Vec::new(), active: vec![fault] }
        };
        let killed = "killed by signal: 9 (SIGKILL)";
        assert_eq!(cause(killed, Some(&with("kill", "consumer"))), ON_PURPOSE);
        assert_eq!(cause("it is paused", Some(&with("pause", "consumer"))), ON_PURPOSE);
        assert_eq!(cause(killed, Some(&with("kill", "mailer"))), "it died");
        assert_eq!(cause(killed, Some(&with("slow-events", "consumer"))), "it died");
        assert_eq!(cause("ended with exit status: 1", None), "it died");
        assert_eq!(cause("it did not answer", None), "it does not answer");
    }
}
