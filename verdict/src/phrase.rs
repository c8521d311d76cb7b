//! Values in words: a verb with a number, as it follows the name of a route.

use domain::Route;

use crate::{Criterion, number};

/// A value after the name of a route: *kafka* "was unavailable 48 % of the time".
pub(crate) fn of(criterion: Criterion, value: f64) -> String {
    let text = number::value(criterion, value);
    let none = value == 0.0;
    match criterion {
        Criterion::AcceptedP50 => format!("accepted half of the events within {text}"),
        Criterion::AcceptedP99 => format!("accepted 99 of 100 events within {text}"),
        Criterion::ProcessedP50 => format!("processed half of the events within {text}"),
        Criterion::ProcessedP99 => format!("processed 99 of 100 events within {text}"),
        Criterion::Unavailable if none => "was available all the time".to_owned(),
        Criterion::Unavailable => format!("was unavailable {text} of the time"),
        Criterion::Lost if none => "lost no event".to_owned(),
        Criterion::Lost => format!("lost {}", events(value)),
        Criterion::Duplicated if none => "made no mail and no alert too many".to_owned(),
        Criterion::Duplicated => format!("made {text} mails and alerts too many"),
        Criterion::OutOfOrder if none => "kept the order".to_owned(),
        Criterion::OutOfOrder => format!("processed {} out of order", events(value)),
        Criterion::MostWaiting => format!("had at most {} waiting", events(value)),
        Criterion::Recovery => format!("had caught up {text} after the last fault"),
        Criterion::Cpu => format!("took {text} of CPU time for 1,000 events"),
        Criterion::Memory => format!("took {text} of memory"),
        Criterion::Disk => format!("took {text} on disk for each event"),
        Criterion::Parts => format!("needs {text} processes"),
        Criterion::Startup => format!("processed its first event {text} after its start"),
        Criterion::MissedHistory if none => "gave a second reader all of the earlier events".to_owned(),
        Criterion::MissedHistory if value >= 100.0 => "gave a second reader none of the earlier events".to_owned(),
        Criterion::MissedHistory => format!("gave a second reader all but {text} of the earlier events"),
    }
}

/// A number of events.
pub(crate) fn events(count: f64) -> String {
    let noun = if count == 1.0 { "event" } else { "events" };
    format!("{} {noun}", number::short(count))
}

/// "http-push", "http-push and kafka", "http-push, http-poll and kafka".
pub(crate) fn routes(routes: &[Route]) -> String {
    list(routes.iter().map(|route| route.name().to_owned()).collect(), "and")
}

/// The items with commas, and a word before the last one.
pub(crate) fn list(mut items: Vec<String>, word: &str) -> String {
    match (items.pop(), items.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} {word} {last}", items.join(", ")),
    }
}

/// The text with a capital first letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
        assert_eq!(routes(&[]), "");
        assert_eq!(routes(&Route::ALL[..1]), "http-push");
        assert_eq!(routes(&Route::ALL), "http-push, http-poll and kafka");
        assert_eq!(sentence("a log"), "A log");
    }
}
