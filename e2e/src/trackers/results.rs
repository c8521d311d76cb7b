//! The numbers of all runs, and the table of them.

use std::fmt::{self, Write};

use anyhow::{Context, Result, ensure};
use domain::{Intervals, Timestamp};
use serde::{Deserialize, Serialize};

use super::library::Tracker;

/// The fewest runs of a published row: a median and a range say nothing of fewer.
const FEWEST_RUNS: usize = 3;

/// The measured numbers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Results {
    /// When the last run ended.
    pub measured: Timestamp,
    /// The browser and its version.
    pub browser: String,
    /// Every run.
    pub runs: Vec<Run>,
}

/// The end of the first visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The tab is closed: the page has an event for it.
    Closed,
    /// The tab crashes: the page has no chance to react.
    Crashed,
}

impl Ending {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Closed, Self::Crashed];
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Crashed => "crashed",
        })
    }
}

/// The numbers of one run of a tracker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The name of its package.
    pub tracker: String,
    /// Its version.
    pub version: String,
    /// The end of the first visit.
    pub ending: Ending,
    /// The events that the page handed to the tracker.
    pub emitted: u64,
    /// The different events that arrived.
    pub arrived: u64,
    /// The arrivals of events that had arrived before.
    pub doubled: u64,
    /// The numbers of the events that never arrived.
    pub lost: String,
    /// How many events the tracker itself calls lost; none if it has no such report.
    pub reported_lost: Option<u64>,
    /// The requests that were answered with 429.
    pub refused: u64,
}

impl Results {
    /// The section as it may be published.
    ///
    /// # Errors
    ///
    /// A tracker has too few runs of an ending, or of one of its versions.
    pub fn whole_section(&self) -> Result<String> {
        let rows = self.rows();
        for (ending, name) in Ending::ALL.into_iter().flat_map(|ending| Tracker::ALL.map(|one| (ending, one.name()))) {
            let of_these = rows.iter().filter(|runs| runs[0].ending == ending && runs[0].tracker == name);
            let runs = of_these.map(Vec::len).min().unwrap_or_default();
            ensure!(
                runs >= FEWEST_RUNS,
                "the table needs {FEWEST_RUNS} runs of each tracker with each ending; `{name}` has {runs} with the tab \
                 {ending}: `cargo xtask trackers` measures all again"
            );
        }
        self.section()
    }

    /// The section of docs/tracker.md: a row for each ending and tracker, in the order of the first runs.
    pub fn section(&self) -> Result<String> {
        let mut section = String::from(
            "| tracker | the tab | runs | emitted | arrived | lost | doubled | reported as lost |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for runs in self.rows() {
            let Run { tracker: name, version, ending, .. } = runs[0];
            let lost = runs.iter().map(|run| count(&run.lost)).collect::<Result<_>>()?;
            let reported: Vec<u64> = runs.iter().filter_map(|run| run.reported_lost).collect();
            let reported = if reported.is_empty() { "no report".to_owned() } else { median_and_range(reported) };
            let of = |number: fn(&Run) -> u64| median_and_range(runs.iter().map(|run| number(run)).collect());
            writeln!(
                section,
                "| `{name}` {version} | {ending} | {} | {} | {} | {} | {} | {reported} |",
                runs.len(),
                of(|run| run.emitted),
                of(|run| run.arrived),
                median_and_range(lost),
                of(|run| run.doubled),
            )?;
        }
        let date = self.measured.to_string();
        let date = date.split('T').next().context("a time has no date")?;
        writeln!(section, "\nMedian of the runs, and their range where they differ. {}, {date}.", self.browser)?;
        Ok(section)
    }

    /// The runs by ending, tracker and version, in the order of the first ones; no row is empty.
    fn rows(&self) -> Vec<Vec<&Run>> {
        let row = |run: &Run| (run.ending, run.tracker.clone(), run.version.clone());
        let mut rows: Vec<Vec<&Run>> = Vec::new();
        for run in &self.runs {
            match rows.iter_mut().find(|runs| row(runs[0]) == row(run)) {
                Some(runs) => runs.push(run),
                None => rows.push(vec![run]),
            }
        }
        rows
    }
}

fn count(numbers: &str) -> Result<u64> {
    Ok(numbers.parse::<Intervals>()?.len())
}

fn median_and_range(mut values: Vec<u64>) -> String {
    values.sort_unstable();
    match (values.first(), values.get(values.len() / 2), values.last()) {
        (Some(least), Some(median), Some(most)) if least < most => format!("{median} ({least}–{most})"),
        (_, Some(median), _) => median.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tracker: &str, lost: &str, reported_lost: Option<u64>) -> Run {
        let missing = count(lost).unwrap();
        Run {
            tracker: tracker.to_owned(),
            version: "1.0.0".to_owned(),
            ending: if tracker == "c" { Ending::Crashed } else { Ending::Closed },
            emitted: 200,
            arrived: 200 - missing,
            doubled: 0,
            lost: lost.to_owned(),
            reported_lost,
            refused: 3,
        }
    }

    #[test]
    fn the_table_has_the_median_and_the_range_of_each_tracker_and_ending() {
        let runs = vec![
            run("a", "1-4", None),
            run("b", "", Some(1)),
            run("a", "1-9", None),
            run("a", "2", None),
            run("c", "", None),
        ];
        let results = Results { measured: Timestamp::from_micros(0), browser: "Chromium 1".to_owned(), runs };
        let section = results.section().unwrap();
        assert!(
            section.contains("| `a` 1.0.0 | closed | 3 | 200 | 196 (191–199) | 4 (1–9) | 0 | no report |\n"),
            "{section}"
        );
        assert!(section.contains("| `b` 1.0.0 | closed | 1 | 200 | 200 | 0 | 0 | 1 |\n"), "{section}");
        assert!(section.contains("| `c` 1.0.0 | crashed | 1 | 200 | 200 | 0 | 0 | no report |\n"), "{section}");
        assert!(section.ends_with("Chromium 1, 1970-01-01.\n"), "{section}");
    }

    #[test]
    fn a_table_with_too_few_runs_of_a_tracker_is_not_published() {
        let all = Ending::ALL.into_iter().flat_map(|ending| Tracker::ALL.map(|tracker| (ending, tracker)));
        let runs = all.flat_map(|(ending, tracker)| vec![Run { ending, ..run(tracker.name(), "", None) }; 3]);
        let runs = runs.collect();
        let mut results = Results { measured: Timestamp::from_micros(0), browser: "Chromium 1".to_owned(), runs };
        results.whole_section().unwrap();
        let refused = |results: &Results| results.whole_section().unwrap_err().to_string();
        results.runs[5].version = "2.0.0".to_owned();
        assert!(refused(&results).contains("`posthog-js` has 1 with the tab closed:"), "{}", refused(&results));
        results.runs.retain(|run| run.tracker != "ese.js");
        assert!(refused(&results).contains("`ese.js` has 0 with the tab closed:"), "{}", refused(&results));
    }
}
