//! The project's rules about its own files, held by a test.

mod circles;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::{command, output, root};

const LONGEST: usize = 400;
const MEDIAN: usize = 100;

/// `domain` is pure: its only input are its arguments.
const IMPURE: [&str; 6] = ["tokio", "axum", "rdkafka", "leptos", "reqwest", "rand"];

/// Services share no code of each other.
const SERVICES: [&str; 3] = ["backend", "consumer", "mailer"];

/// The room of the lab that runs the product; the experiments on it are another.
const RUN: &str = "lab/src/run";

/// Tracked files and new ones, so that a broken rule is found before the commit.
const LIST: [&str; 5] = ["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"];

/// Checks every file and names each one that breaks a rule.
pub(crate) fn run() -> Result<()> {
    let mut faults = sources()?;
    faults.extend(forbidden("domain", &IMPURE)?);
    for service in SERVICES {
        let others: Vec<_> = SERVICES.into_iter().filter(|other| *other != service).collect();
        faults.extend(forbidden(service, &others)?);
    }
    if !faults.is_empty() {
        bail!("the files are not tidy:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

fn sources() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for name in output(command("git").args(LIST))?.lines() {
        // A file that was deleted but not yet committed is still listed.
        let Ok(text) = fs::read_to_string(root().join(name)) else { continue };
        faults.extend(faults_of(name, &text));
        files.push((name.to_owned(), text));
    }
    faults.extend(circles::circles(&files));
    let mut lengths: Vec<usize> = files.iter().map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    if let Some(median) = lengths.get(lengths.len() / 2).filter(|median| **median > MEDIAN) {
        faults.push(format!("the median file has {median} lines, {MEDIAN} is the most: split some"));
    }
    Ok(faults)
}

fn faults_of(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//! ") {
        faults.push(format!("{name}: the first line must be a `//!` sentence about the file"));
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        faults.push(format!("{name}: {lines} lines, {LONGEST} is the most"));
    }
    if name.starts_with(RUN) && text.contains("crate::experiments") {
        faults.push(format!("{name}: the lab's experiments import `run`, never the other way round"));
    }
    if name == "mod.rs" || name.ends_with("/mod.rs") {
        faults.push(format!("{name}: name it after its folder, beside it"));
    }
    faults
}

/// Dependencies of a crate (also for tests) that it must not have.
fn forbidden(package: &str, names: &[&str]) -> Result<Vec<String>> {
    let path = root().join(package).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let found = names.iter().filter(|name| depends_on(&manifest, name));
    Ok(found.map(|name| format!("{package}/Cargo.toml: {package} must not depend on {name}")).collect())
}

fn depends_on(manifest: &str, name: &str) -> bool {
    let mut in_dependencies = false;
    manifest.lines().map(str::trim).any(|line| {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            in_dependencies = section.ends_with("dependencies");
            return section.ends_with(&format!("dependencies.{name}"));
        }
        let key = line.split(['=', '.', ' ']).next();
        in_dependencies && key == Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_keeps_its_rules() -> Result<()> {
        run()
    }

    #[test]
    fn every_broken_rule_of_a_file_is_named() {
        let text = "fn main() {}\n".repeat(LONGEST + 1);
        assert_eq!(faults_of("a/mod.rs", &text).len(), 3);
        assert!(faults_of("a.rs", "//! Fine.\n").is_empty());
    }

    #[test]
    fn run_may_not_import_the_experiments() {
        let text = "//! Fine.\nuse crate::experiments::ledger;\n";
        assert_eq!(faults_of("lab/src/run/front.rs", text).len(), 1);
        assert!(faults_of("lab/src/up.rs", text).is_empty());
    }

    #[test]
    fn a_dependency_is_found_however_it_is_written() {
        for line in ["rand = \"0.10\"", "rand.workspace = true", "rand={}"] {
            assert!(depends_on(&format!("[dev-dependencies]\n{line}"), "rand"), "{line}");
        }
        assert!(depends_on("[target.'cfg(unix)'.dependencies.rand]", "rand"));
        assert!(!depends_on("[package]\nrand = 1\n[dependencies]\nrandom = \"1\"", "rand"));
    }
}
