//! All runs of a comparison, one after the other, with the progress and the time to go.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::Route;
use tokio_util::sync::CancellationToken;
use verdict::results::Results;

use super::output;
use super::run::{Finished, run};
use super::schedule::{Planned, schedule};
use crate::terminal;

/// The time of a run beside its load, in seconds, as long as none has been made: start, warm-up, drain and stop.
const fn overhead(route: Route) -> f64 {
    match route {
        Route::HttpPush | Route::HttpPoll => 4.0,
        Route::Kafka => 10.0,
    }
}
/// The time between two updates of the progress line.
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// Makes all runs, or those until `stop`, and writes the histogram of each into `out`.
pub(super) async fn make(results: &mut Results, out: &Path, stop: &CancellationToken) -> anyhow::Result<()> {
    let plan = schedule(results.scenarios.len(), results.repetitions, results.seed);
    let expected: Vec<f64> = plan
        .iter()
        .map(|run| f64::from(results.scenarios[run.scenario].scenario.load.seconds) + overhead(run.route))
        .collect();
    let began = Instant::now();
    for (index, planned) in plan.iter().enumerate() {
        let scenario = results.scenarios[planned.scenario].scenario.clone();
        let what = format!(
            "{}/{} {} over {}, repetition {}",
            index + 1,
            plan.len(),
            scenario.name,
            planned.route,
            planned.repetition
        );
        let (done, to_do) = expected.split_at(index);
        let progress = Progress { what: &what, began, done: done.iter().sum(), to_do: to_do.iter().sum() };
        let seed = seed_of(results.seed, planned);
        // A void run is made again, once.
        for attempt in ["", ", once more"] {
            let one = run(&scenario, planned.route, planned.repetition, seed, stop);
            let Some((run, histograms)) = progress.shown_during(attempt, one).await else {
                results.stopped = true;
                return Ok(());
            };
            let is_valid = run.void.is_empty();
            if !is_valid {
                terminal::progress("");
                terminal::err(&format!("{what}{attempt}: void, because {}", run.void.join("; ")));
            }
            if let Some(histograms) = histograms {
                histograms.write(&output::histograms(out), &scenario.name, &run)?;
            }
            results.scenarios[planned.scenario].runs.push(run);
            if is_valid {
                break;
            }
        }
    }
    Ok(())
}

/// The seed of a run's load: the same for all routes.
fn seed_of(seed: u64, planned: &Planned) -> u64 {
    seed ^ (u64::from(planned.repetition) << 32) ^ planned.scenario as u64
}

/// The progress before a run.
struct Progress<'a> {
    what: &'a str,
    began: Instant,
    /// The expected times of the runs before, and of this one and those to come, in seconds.
    done: f64,
    to_do: f64,
}

impl Progress<'_> {
    async fn shown_during(&self, attempt: &str, run: impl Future<Output = Option<Finished>>) -> Option<Finished> {
        let begun = Instant::now();
        let left = left(self.done, self.to_do, begun - self.began);
        let show = async {
            loop {
                let left = text(left.saturating_sub(begun.elapsed()));
                terminal::progress(&format!("{}{attempt}; {left} to go", self.what));
                tokio::time::sleep(SHOW_EVERY).await;
            }
        };
        let finished = tokio::select! {
            finished = run => finished,
            () = show => None,
        };
        terminal::progress("");
        finished
    }
}

/// The time to go, if all goes on at the pace of `elapsed` so far.
fn left(done: f64, to_do: f64, elapsed: Duration) -> Duration {
    let pace = if done > 0.0 { elapsed.as_secs_f64() / done } else { 1.0 };
    Duration::from_secs_f64(pace * to_do)
}

fn text(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_go_follows_the_pace_so_far() {
        assert_eq!(left(0.0, 90.0, Duration::ZERO), Duration::from_secs(90), "as expected, as long as nothing is done");
        assert_eq!(left(30.0, 60.0, Duration::from_secs(45)), Duration::from_secs(90), "half as slow again");
        assert_eq!(text(Duration::from_secs(99)), "99 s");
        assert_eq!(text(Duration::from_secs(121)), "3 min");
    }

    #[test]
    fn the_routes_of_a_repetition_have_the_same_load() {
        let planned = |scenario, route, repetition| seed_of(7, &Planned { scenario, route, repetition });
        assert_eq!(planned(2, Route::HttpPush, 1), planned(2, Route::Kafka, 1));
        assert_ne!(planned(2, Route::HttpPush, 1), planned(2, Route::HttpPush, 2));
        assert_ne!(planned(2, Route::HttpPush, 1), planned(3, Route::HttpPush, 1));
    }
}
