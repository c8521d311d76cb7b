//! The page about the published benchmark, from the results in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::step;
use crate::workspace::{command, root};

/// The measured results of the published benchmark.
pub(crate) const RESULTS: &str = "docs/performance/results.json";
/// The figures of all published benchmarks.
pub(super) const HISTORY: &str = "docs/performance/history.json";

/// The page and its picture by their names below the root; none where nothing is published yet.
pub(super) fn files(ese: &Path, scratch: &Path) -> Result<BTreeMap<String, String>> {
    let results = root().join(RESULTS);
    if !results.exists() {
        return Ok(BTreeMap::new());
    }
    step::run(command(ese).args(["bench", "--from"]).arg(results).arg("--out").arg(scratch))?;
    let file = |name: &str, from: &str| Ok((name.to_owned(), fs::read_to_string(scratch.join(from))?));
    [file("docs/performance.md", "performance.md"), file("docs/performance/loads.svg", "loads.svg")]
        .into_iter()
        .collect()
}
