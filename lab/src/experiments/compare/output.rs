//! The files of a comparison: results, report and histograms.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use verdict::Results;

use super::comparison::Ended;
use crate::experiments::machine::{machine, versions};
use crate::run::atomic_file;
use crate::terminal;

/// The directory of the histograms.
const HISTOGRAMS: &str = "histograms";

/// Makes the directories for a new comparison. An unfinished one stays.
pub(super) fn prepare(out: &Path) -> anyhow::Result<()> {
    let file = results_file(out);
    let is_unfinished =
        |results: Results| results.stopped && results.scenarios.iter().any(|scenario| !scenario.runs.is_empty());
    if read(&file).is_ok_and(is_unfinished) {
        anyhow::bail!("{} is unfinished: --resume goes on with it, --out names another directory", file.display());
    }
    let dir = out.join(HISTOGRAMS);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))
}

/// Writes the histograms of a run and all results so far, and shows a run that is void.
pub(super) fn ended(out: &Path, Ended { what, scenario, run, histograms, again }: Ended<'_>, results: &Results) {
    let histograms =
        histograms.map_or(Ok(()), |histograms| histograms.write(&out.join(HISTOGRAMS), scenario, run, again));
    let written = write_results(out, results).and(histograms);
    let void = (!run.void.is_empty()).then(|| format!("{what} is void: {}", run.void.join("; ")));
    for line in written.err().map(|error| format!("{error:#}")).into_iter().chain(void) {
        terminal::progress("");
        terminal::err(&line);
    }
}

pub(super) fn read(file: &Path) -> anyhow::Result<Results> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let results: Results =
        serde_json::from_str(&text).with_context(|| format!("{} has no results of `ese compare`", file.display()))?;
    let version = verdict::results::VERSION;
    anyhow::ensure!(results.version == version, "{} has version {}, not {version}", file.display(), results.version);
    Ok(results)
}

/// Reads the results of a comparison that was stopped, to go on with it.
pub(super) fn read_unfinished(out: &Path) -> anyhow::Result<Results> {
    let (file, now) = (results_file(out), (machine(), versions()));
    let results = read(&file)?;
    anyhow::ensure!(results.stopped, "{} is finished; --from writes its report again", file.display());
    let same = (&results.machine, &results.versions) == (&now.0, &now.1);
    anyhow::ensure!(same, "{} comes from another machine or from other versions of the programs", file.display());
    Ok(results)
}

/// Writes `results.json`; a program that is killed meanwhile leaves the old one.
pub(super) fn write_results(out: &Path, results: &Results) -> anyhow::Result<()> {
    Ok(atomic_file::write(&results_file(out), &serde_json::to_string(results)?)?)
}

fn results_file(out: &Path) -> PathBuf {
    out.join("results.json")
}

/// Writes `report.html` and `report.md`, and prints the path of the first.
pub(super) fn write_report(out: &Path, results: &Results) -> anyhow::Result<()> {
    let judgement = verdict::judge(results);
    let page = out.join("report.html");
    atomic_file::write(&page, &verdict::report::html(results, &judgement))?;
    atomic_file::write(&out.join("report.md"), &verdict::report::markdown(results, &judgement))?;
    terminal::out(&page.display().to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use verdict::Criterion;
    use verdict::results::{Run, ScenarioResult};

    use super::*;
    use crate::experiments::compare::comparison::Comparison;

    #[test]
    fn results_that_are_read_again_are_the_same_to_the_last_digit() {
        let mut run = Run::new(domain::Route::Kafka, 1);
        let mut results = Comparison::new(Vec::new(), 1, 7, "ese compare".to_owned(), None).results();
        for number in 1..=2000_u32 {
            run.values.insert(Criterion::Cpu, f64::from(number).sqrt() / 7.0);
            results.scenarios = vec![ScenarioResult {
                scenario: verdict::builtin_scenarios::quick().remove(0),
                runs: vec![run.clone()],
            }];
            let read: Results = serde_json::from_str(&serde_json::to_string(&results).unwrap()).unwrap();
            assert_eq!(read, results, "{number}");
        }
    }
}
