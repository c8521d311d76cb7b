//! The progress and the result of a simulation, as text.

use domain::RouteChoice;
use domain::api::simulation::{Phase, Progress, Sent, Summary};

use crate::format::{age, count, duration, events, rate};

/// The share of the emitting time that is over, from 0 to 1.
pub fn share(progress: &Progress) -> f64 {
    match progress.phase {
        Phase::Emitting => (progress.elapsed_seconds / f64::from(progress.parameters.seconds)).min(1.0),
        Phase::Settling => 1.0,
    }
}

/// The seconds until the last event at the rate of the simulation.
fn seconds_to_go(Progress { parameters, elapsed_seconds, created, .. }: &Progress) -> u64 {
    let left = f64::from(parameters.seconds) - elapsed_seconds;
    let left = match parameters.count {
        Some(count) => left.min(count.saturating_sub(*created) as f64 / parameters.rate),
        None => left,
    };
    left.max(0.0).ceil() as u64
}

/// A simulation that runs in a terminal: its rate and its counts.
pub fn in_terminal(progress: &Progress) -> String {
    let route = match progress.parameters.route {
        RouteChoice::One(route) => route.name(),
        RouteChoice::All => "all routes",
    };
    format!("In a terminal: {}/s over {route} · {}", rate(progress.parameters.rate), under_way(progress))
}

/// The time to go and the counts of a simulation that runs.
pub fn under_way(progress: &Progress) -> String {
    let most = |part: fn(&Sent) -> u64| progress.routes.values().map(part).max().unwrap_or(0);
    let mut words = events(progress.created);
    if progress.phase == Phase::Emitting {
        words += &format!(" · {} to go", age(seconds_to_go(progress)));
    }
    for (number, name) in [(most(|sent| sent.waiting), "waiting"), (most(|sent| sent.shed), "shed")] {
        if number > 0 {
            words += &format!(" · {} {name}", count(number));
        }
    }
    match progress.phase {
        Phase::Emitting => words,
        Phase::Settling => words + " · waiting for the ledger",
    }
}

/// The result of a simulation that is over.
pub fn over(summary: &Summary) -> String {
    let slowest =
        summary.routes.values().filter_map(|sent| sent.until_accepted).map(|times| times.p99_ms).fold(0.0, f64::max);
    let shed: u64 = summary.routes.values().map(|sent| sent.shed).sum();
    let shed = if shed > 0 { format!(" · {} shed", count(shed)) } else { String::new() };
    match summary.failures.first() {
        None => {
            format!("{}, all in the ledger{shed} · p99 until accepted {}", events(summary.created), duration(slowest))
        }
        Some(failure) => format!("{}, the ledger is not exact: {failure}", events(summary.created)),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::simulation::{Parameters, Times};
    use domain::{ByRoute, Route};

    use super::*;

    #[test]
    fn progress_and_result_as_text() {
        let sent = Sent { waiting: 12, shed: 1234, ..Sent::default() };
        let mut progress = Progress {
            parameters: Parameters::default(),
            phase: Phase::Emitting,
            elapsed_seconds: 15.0,
            created: 1500,
            routes: [(Route::Kafka, sent), (Route::HttpPoll, Sent { waiting: 3, ..Sent::default() })].into(),
        };
        let words = "1\u{202f}500 events · 45 s to go · 12 waiting · 1\u{202f}234 shed";
        assert_eq!((under_way(&progress).as_str(), share(&progress)), (words, 0.25));
        assert_eq!(in_terminal(&progress), format!("In a terminal: 100/s over all routes · {words}"));
        progress.parameters =
            Parameters { count: Some(1750), route: RouteChoice::One(Route::Kafka), ..progress.parameters };
        assert_eq!(seconds_to_go(&progress), 3, "the last event comes before the time is over");
        assert!(in_terminal(&progress).contains("over kafka"));
        progress.phase = Phase::Settling;
        progress.routes = ByRoute::new();
        assert_eq!(
            (under_way(&progress).as_str(), share(&progress)),
            ("1\u{202f}500 events · waiting for the ledger", 1.0)
        );

        let until_accepted = Some(Times { p99_ms: 41.5, ..Times::default() });
        let mut summary = Summary {
            parameters: Parameters::default(),
            stopped: false,
            emitting_seconds: 60.0,
            settling_seconds: 1.0,
            created: 1,
            bursts: 0,
            orders_left: 0,
            lateness: None,
            queued: None,
            routes: [(Route::Kafka, Sent { until_accepted, ..Sent::default() })].into(),
            ledger: ByRoute::new(),
            failures: Vec::new(),
        };
        assert_eq!(over(&summary), "1 event, all in the ledger · p99 until accepted 42 ms");
        summary.failures = vec!["kafka: the residual is 1.".to_owned()];
        assert_eq!(over(&summary), "1 event, the ledger is not exact: kafka: the residual is 1.");
    }
}
