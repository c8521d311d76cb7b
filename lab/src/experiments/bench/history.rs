//! The published benchmarks: the medians of each, by commit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::goals::medians;
use super::results::Results;

/// One published benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The commit of the programs.
    pub(super) commit: String,
    /// The day, as YYYY-MM-DD.
    pub(super) date: String,
    /// The medians of the published figures, by their keys.
    pub(super) figures: BTreeMap<String, f64>,
}

/// Reads the history; it is empty where there is no file yet.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Entry>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no history of `ese bench`", file.display()))
}

/// Adds these results. They take the place of others of the same commit.
pub(super) fn add(history: &mut Vec<Entry>, commit: &str, results: &Results) {
    history.retain(|entry| entry.commit != commit);
    let date = results.began.chars().take(10).collect();
    history.push(Entry { commit: commit.to_owned(), date, figures: medians(results) });
}

#[cfg(test)]
mod tests {
    use super::super::goals::tests::results;
    use super::*;

    #[test]
    fn a_commit_has_one_entry_with_the_published_figures() {
        let mut history =
            vec![Entry { commit: "0".to_owned(), date: "2026-11-01".to_owned(), figures: BTreeMap::new() }];
        for share in [0.5, 0.6] {
            let results = results(&[("single-share/kafka", share), ("single-rate/kafka", 15e3)]);
            add(&mut history, "abc1234", &results);
        }
        assert_eq!(history.len(), 2);
        assert_eq!((history[1].commit.as_str(), history[1].date.as_str()), ("abc1234", "2026-12-01"));
        assert_eq!(history[1].figures, [("single-share/kafka".to_owned(), 0.6)].into());
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), serde_json::to_string(&history).unwrap()).unwrap();
        assert_eq!(read(file.path()).unwrap(), history);
        assert_eq!(read(Path::new("/nowhere/history.json")).unwrap(), Vec::new());
    }
}
