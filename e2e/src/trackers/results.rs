//! The numbers of all runs, and the table of them.

use std::fmt::{self, Write};

use anyhow::{Context, Result};
use domain::{Intervals, Timestamp};
use serde::{Deserialize, Serialize};

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
    /// The section of docs/tracker.md: a row for each ending and tracker, in the order of the first runs.
    pub fn section(&self) -> Result<String> {
        let row = |run: &Run| (run.ending, run.tracker.clone(), run.version.clone());
        let mut rows = Vec::new();
        for run in &self.runs {
            if !rows.contains(&row(run)) {
                rows.push(row(run));
            }
        }
        let mut section = String::from(
            "| tracker | the tab | runs | emitted | arrived | lost | doubled | reported as lost |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for key in rows {
            let runs: Vec<&Run> = self.runs.iter().filter(|run| row(run) == key).collect();
            let (ending, name, version) = key;
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
}
