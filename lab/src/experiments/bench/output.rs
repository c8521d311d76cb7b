//! The files of a benchmark: the results, the history, and the page about both.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::results::{Results, VERSION};
use super::{history, plot, report};
use crate::run::atomic_file;
use crate::terminal;

/// The results of a benchmark, in its directory.
const RESULTS: &str = "results.json";
/// The published benchmarks, beside the results.
const HISTORY: &str = "history.json";
/// The page about the results.
const PAGE: &str = "performance.md";
/// Its picture.
const PLOT: &str = "loads.svg";

/// Reads results.
pub(super) fn read(file: &Path) -> anyhow::Result<Results> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let results: Results =
        serde_json::from_str(&text).with_context(|| format!("{} has no results of `ese bench`", file.display()))?;
    let version = results.version;
    ensure!(version == VERSION, "{} has version {version}, not {VERSION}", file.display());
    Ok(results)
}

/// Writes the results, and adds those of a full run of a known commit to the history beside them.
pub(super) fn write(out: &Path, results: &Results) -> anyhow::Result<()> {
    let (file, history_file) = (out.join(RESULTS), out.join(HISTORY));
    atomic_file::write(&file, &serde_json::to_string_pretty(results)?)?;
    if let (true, Some(commit)) = (results.full, &results.commit) {
        let mut history = history::read(&history_file)?;
        history::add(&mut history, commit, results);
        atomic_file::write(&history_file, &serde_json::to_string_pretty(&history)?)?;
    }
    terminal::out(&file.display().to_string());
    Ok(())
}

/// Writes the page about these results, and the history beside them, into `out`, with its picture.
pub(super) fn write_page(results: &Path, out: &Path) -> anyhow::Result<()> {
    let history = history::read(&results.with_file_name(HISTORY))?;
    let results = read(results)?;
    atomic_file::write(&out.join(PLOT), &plot::svg(&results.loads))?;
    Ok(atomic_file::write(&out.join(PAGE), &report::markdown(&results, &history))?)
}

#[cfg(test)]
mod tests {
    use super::super::goals::tests::results;
    use super::*;

    #[test]
    fn only_a_full_run_of_a_known_commit_is_added_to_the_history() {
        let dir = tempfile::tempdir().unwrap();
        let mut results = results(&[("single-share/kafka", 0.5)]);
        for (full, commit, entries) in
            [(false, Some("a"), 0), (true, None, 0), (true, Some("a"), 1), (true, Some("b"), 2)]
        {
            (results.full, results.commit) = (full, commit.map(str::to_owned));
            write(dir.path(), &results).unwrap();
            assert_eq!(history::read(&dir.path().join(HISTORY)).unwrap().len(), entries, "{full} {commit:?}");
        }
        let file = dir.path().join(RESULTS);
        assert_eq!(read(&file).unwrap(), results);
        write_page(&file, dir.path()).unwrap();
        assert!(fs::read_to_string(dir.path().join(PAGE)).unwrap().starts_with("# Performance\n"));
        fs::write(&file, serde_json::to_string(&Results { version: 0, ..results }).unwrap()).unwrap();
        assert!(read(&file).unwrap_err().to_string().ends_with("has version 0, not 1"));
    }
}
