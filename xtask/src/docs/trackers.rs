//! The table in docs/tracker.md about trackers under the same losses, from the results in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::marks::replaced;
use crate::workspace::{command, output, root};

/// The measured results.
pub(super) const RESULTS: &str = "docs/trackers/results.json";
/// The page with the table.
const PAGE: &str = "docs/tracker.md";
/// The lines of the page around the table.
const BEGIN: &str = "<!-- The table of docs/trackers/results.json, by `cargo xtask docs` -->\n";
const END: &str = "<!-- End of the table -->\n";

/// The page by its name below the root; `trackers` is the measuring program, which fails where runs are missing.
pub(super) fn files(trackers: &Path) -> Result<BTreeMap<String, String>> {
    let table = output(command(trackers).arg("--from").arg(root().join(RESULTS)))?;
    let page = fs::read_to_string(root().join(PAGE))?;
    let page = replaced(&page, BEGIN, &format!("\n{table}\n\n"), END);
    Ok([(PAGE.to_owned(), page.with_context(|| format!("{PAGE} has no place for the table"))?)].into())
}
