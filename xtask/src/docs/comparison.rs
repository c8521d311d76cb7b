//! The published comparison: its report, and its decision in README.md, from the results in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::marks::{between, replaced};
use crate::step;
use crate::workspace::{command, root};

/// The measured results of the published comparison.
pub(super) const RESULTS: &str = "docs/comparison/results.json";
/// The report on them.
const REPORT: &str = "docs/comparison/report.md";
/// The lines of README.md around the decision.
const BEGIN: &str = "<!-- The decision of docs/comparison/report.md, by `cargo xtask docs` -->\n";
const END: &str = "<!-- End of the decision -->\n";

/// The report and README.md, by their names below the root.
pub(super) fn files(ese: &Path, scratch: &Path) -> Result<BTreeMap<String, String>> {
    let results = root().join(RESULTS);
    step::run(command(ese).args(["compare", "--from"]).arg(results).arg("--out").arg(scratch))?;
    let report = fs::read_to_string(scratch.join("report.md"))?;
    let readme = fs::read_to_string(root().join("README.md"))?;
    let readme = with_decision(&readme, &report).context("README.md or the report has no place for the decision")?;
    Ok([(REPORT.to_owned(), report), ("README.md".to_owned(), readme)].into())
}

/// README.md with the answer, the decision table and the machine of this report; none if one of them lacks its marks.
fn with_decision(readme: &str, report: &str) -> Option<String> {
    let (answer, _) = report.split_once("\n## Routes\n")?;
    let (_, answer) = answer.split_once("\n\n")?;
    let table = between(report, "\n## Decision\n", "\n## Choose\n")?.trim().replace("](#", &format!("]({REPORT}#"));
    let machine = between(report, "\n## Machine, versions and command\n", "\n## ")?;
    let facts = machine.lines().filter_map(|line| line.strip_prefix("- "));
    let facts: Vec<&str> = facts.take_while(|fact| !fact.starts_with("Began")).collect();
    let new = format!("\n{}\n\n{table}\n\n{}.\n\n", answer.trim(), facts.join(", "));
    replaced(readme, BEGIN, &new, END)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decision_replaces_the_old_one_and_nothing_else() {
        let readme = format!("# ESE\n{BEGIN}old\n{END}rest\n");
        let report = "# Which?\n\n- Choose kafka.\n\n3 runs · 2026-01-01\n\n## Routes\n\n- kafka\n\n## Decision\n\n| table |\n\n\
            ## Choose\n\n- kafka\n\n## Machine, versions and command\n\n- Processor: P\n- ese: 1\n- Began: B\n\n## Limits\n";
        let new = with_decision(&readme, report).unwrap();
        let decision = "\n- Choose kafka.\n\n3 runs · 2026-01-01\n\n| table |\n\nProcessor: P, ese: 1.\n\n";
        assert_eq!(new, format!("# ESE\n{BEGIN}{decision}{END}rest\n"));
        assert_eq!(with_decision(&new, report).unwrap(), new);
        assert_eq!(with_decision("# ESE\n", report), None);
    }
}
