//! Values in words: a verb with a number, as it follows the name of a route.

use domain::Route;

use crate::{Criterion, number};

/// A value after the name of a route, 0 in words: *kafka* "was available all the time".
pub(crate) fn of(criterion: Criterion, value: f64) -> String {
    let words = match criterion {
        Criterion::MissedHistory if value == 0.0 => "gave a second reader all of the earlier events",
        Criterion::MissedHistory if value >= 100.0 => "gave a second reader none of the earlier events",
        Criterion::Unavailable if value == 0.0 => "was available all the time",
        Criterion::Lost if value == 0.0 => "lost no event",
        Criterion::Duplicated if value == 0.0 => "made no mail and no alert too many",
        Criterion::OutOfOrder if value == 0.0 => "kept the order",
        _ => return counted(criterion, value),
    };
    words.to_owned()
}

/// The same with its number: *kafka* "was unavailable 48 % of the time".
pub(crate) fn counted(criterion: Criterion, value: f64) -> String {
    let text = number(criterion, value);
    match criterion {
        Criterion::AcceptedP50 => format!("accepted half of the events within {text}"),
        Criterion::AcceptedP99 => format!("accepted 99 % of the events within {text}"),
        Criterion::ProcessedP50 => format!("processed half of the events within {text}"),
        Criterion::ProcessedP99 => format!("processed 99 % of the events within {text}"),
        Criterion::Unavailable => format!("was unavailable {text} of the time"),
        Criterion::Lost => format!("lost {}", events(value)),
        Criterion::Duplicated => format!("made {text} mails and alerts too many"),
        Criterion::OutOfOrder => format!("processed {} out of order", events(value)),
        Criterion::MostWaiting => format!("had at most {} waiting", events(value)),
        Criterion::Recovery => format!("had caught up {text} after the last fault"),
        Criterion::Cpu => format!("took {text} of CPU time for 1,000 events"),
        Criterion::Memory => format!("took {text} of memory"),
        Criterion::Disk => format!("took {text} on disk for each event"),
        Criterion::Parts => format!("needs {text} processes"),
        Criterion::Startup => format!("processed its first event {text} after its start"),
        Criterion::MissedHistory => format!("gave a second reader {text} of the earlier events"),
    }
}

/// The number in [`counted`].
pub(crate) fn number(criterion: Criterion, value: f64) -> String {
    let given = if criterion == Criterion::MissedHistory { 100.0 - value } else { value };
    number::value(criterion, given)
}

/// A number of events.
pub(crate) fn events(count: f64) -> String {
    let noun = if count == 1.0 { "event" } else { "events" };
    format!("{} {noun}", number::short(count))
}

/// "http-push", "http-push and kafka", "http-push, http-poll and kafka".
pub(crate) fn routes(routes: &[Route], word: &str) -> String {
    list(routes.iter().map(|route| route.name().to_owned()).collect(), word)
}

/// The items with commas, and a word before the last one.
pub(crate) fn list(mut items: Vec<String>, word: &str) -> String {
    match (items.pop(), items.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} {word} {last}", items.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_the_rest_of_a_sentence() {
        let zero: Vec<_> = Criterion::ALL.map(|criterion| format!("kafka {}", of(criterion, 0.0))).into();
        let some: Vec<_> = Criterion::ALL.map(|criterion| format!("kafka {}", of(criterion, 12.5))).into();
        assert!(of(Criterion::MissedHistory, 100.0).ends_with("none of the earlier events"));
        insta::assert_snapshot!(zero.into_iter().chain(some).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn lists_have_a_word_before_the_last_item() {
        assert_eq!(routes(&[], "and"), "");
        assert_eq!(routes(&Route::ALL[..1], "and"), "http-push");
        assert_eq!(routes(&Route::ALL, "and"), "http-push, http-poll and kafka");
    }
}
