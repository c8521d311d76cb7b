//! The words of the page. Pure.

use verdict::Scenario;
use verdict::api::{Last, Running};

use crate::format::capital;

/// `consumer-down` as `Consumer down`.
pub fn title(name: &str) -> String {
    capital(&name.replace('-', " "))
}

/// The present run.
pub fn present(running: &Running) -> String {
    let Some(run) = running.now.as_ref().and_then(|now| Some((title(&now.scenario.name), now.runs.last()?))) else {
        return "Between two runs".to_owned();
    };
    format!("{} over {}, repetition {}", run.0, run.1.route, run.1.repetition)
}

/// The progress, without what changes each second.
pub fn progress(running: &Running) -> String {
    format!("{} of {} runs are done", running.done, running.of)
}

/// The origin of the published comparison; empty for one that ran here.
pub fn published(last: &Last) -> String {
    if !last.published {
        return String::new();
    }
    let day = last.began.split('T').next().unwrap_or_default();
    format!("Published: {}, {day}. Run your own.", last.machine)
}

/// The numbers behind an answer, if `choice` is the sentence that has them.
pub fn numbers<'a>(answer: &str, choice: &'a str) -> Option<&'a str> {
    choice.strip_prefix(answer.strip_suffix('.')?)?.strip_prefix(": ")
}

/// The answers, each with its numbers; none after single runs, which decide nothing.
pub fn answers(last: &Last) -> Vec<(String, String)> {
    let with_numbers = |answer: &String| {
        let numbers = last.choices.iter().find_map(|choice| numbers(answer, choice));
        (answer.clone(), numbers.unwrap_or_default().to_owned())
    };
    if last.repetitions == 1 { Vec::new() } else { last.answers.iter().map(with_numbers).collect() }
}

/// About how long a scenario takes over the three routes.
pub fn duration(scenario: &Scenario, repetitions: u32) -> String {
    // Start, drain and stop of the three stacks take about 15 s.
    let seconds = (scenario.load.seconds * 3 + 15) * repetitions;
    if seconds < 100 { format!("about {seconds} s") } else { format!("about {} min", seconds.div_ceil(60)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_comparison_has_its_machine_and_its_day() {
        let (machine, began) = ("AMD EPYC, 2 cores".to_owned(), "2026-11-28T21:40:00Z".to_owned());
        let last = Last { published: true, machine, began, ..Last::default() };
        assert_eq!(published(&last), "Published: AMD EPYC, 2 cores, 2026-11-28. Run your own.");
        assert_eq!(published(&Last { published: false, ..last }), "");
    }

    #[test]
    fn an_answer_has_the_numbers_of_its_own_choice() {
        let (answer, other) = ("Choose kafka when it is loud.".to_owned(), "Choose kafka when it is.".to_owned());
        let choices = vec!["Choose kafka when it is loud: in burst, kafka lost 0.".to_owned(), "Kafka.".to_owned()];
        let last = Last { repetitions: 5, answers: vec![answer.clone(), other.clone()], choices, ..Last::default() };
        let expected = [(answer, "in burst, kafka lost 0.".to_owned()), (other, String::new())];
        assert_eq!(answers(&last), expected);
        assert!(answers(&Last { repetitions: 1, ..last }).is_empty());
    }

    #[test]
    fn names_and_progress_are_for_people() {
        assert_eq!(title("consumer-down"), "Consumer down");
        let running = Running { scenario: None, done: 2, of: 45, seconds_left: 300.0, now: None, clicks: Vec::new() };
        assert_eq!(
            (present(&running), progress(&running)),
            ("Between two runs".to_owned(), "2 of 45 runs are done".to_owned())
        );
    }
}
