//! The words of the page. Pure.

use verdict::Scenario;
use verdict::api::Running;

/// `consumer-down` as `Consumer down`.
pub fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
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
    fn names_and_progress_are_for_people() {
        assert_eq!(title("consumer-down"), "Consumer down");
        let running = Running { scenario: None, done: 2, of: 45, seconds_left: 300.0, now: None, clicks: Vec::new() };
        assert_eq!(
            (present(&running), progress(&running)),
            ("Between two runs".to_owned(), "2 of 45 runs are done".to_owned())
        );
    }
}
