//! `cargo xtask docs`: writes the generated documentation, or compares it with the files in the repository.

mod comparison;
mod configuration;
mod marks;
pub(crate) mod performance;
mod trackers;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, command, output, root, target_dir};
use crate::{step, up};

/// Writes the files, or with `check` names those that differ from the code.
pub(crate) fn run(check: bool) -> Result<()> {
    let files = generated()?;
    let stale: Vec<String> = existing()?.into_iter().filter(|name| !files.contains_key(name)).collect();
    let differs =
        |(name, text): &(&String, &String)| fs::read_to_string(root().join(name)).ok().as_ref() != Some(*text);
    let changed: Vec<(&String, &String)> = files.iter().filter(differs).collect();
    if check {
        let names: Vec<&str> =
            changed.iter().map(|(name, _)| name.as_str()).chain(stale.iter().map(String::as_str)).collect();
        if !names.is_empty() {
            bail!("these files differ from the code: {}; `cargo xtask docs` writes them again", names.join(", "));
        }
        return Ok(());
    }
    for (name, text) in changed {
        let path = root().join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
        println!("wrote {name}");
    }
    for name in stale {
        fs::remove_file(root().join(&name))?;
        println!("removed {name}");
    }
    Ok(())
}

/// Every generated file by its name below the root.
fn generated() -> Result<BTreeMap<String, String>> {
    step::run(cargo().args(["build", "--quiet"]).args(up::SERVICES))?;
    step::run(cargo().args(["build", "--quiet", "-p", "e2e", "--bin", "trackers"]))?;
    let programs = target_dir()?.join("debug");
    let dir = target_dir()?.join("docs");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    step::run(command(programs.join("ese")).arg("describe").arg(&dir))?;
    let mut files = BTreeMap::new();
    for name in below(&dir)? {
        files.insert(format!("docs/{name}"), fs::read_to_string(dir.join(&name))?);
    }
    let mut options = Vec::new();
    for program in ["backend", "consumer", "mailer", "ese"] {
        options.extend(configuration::read(&output(command(programs.join(program)).arg("--describe-options"))?)?);
    }
    files.insert("docs/configuration.md".to_owned(), configuration::tables(&options));
    files.insert(".env.example".to_owned(), configuration::example(&options));
    files.extend(comparison::files(&programs.join("ese"), &dir.join("comparison"))?);
    files.extend(performance::files(&programs.join("ese"), &dir.join("performance"))?);
    files.extend(trackers::files(&programs.join("trackers"))?);
    Ok(files)
}

/// The generated files in the repository; the results of the comparison, of the benchmark and of the trackers were measured.
fn existing() -> Result<Vec<String>> {
    let names = below(&root().join("docs"))?;
    let names = names.into_iter().map(|name| format!("docs/{name}"));
    let measured = [comparison::RESULTS, performance::RESULTS, performance::HISTORY, trackers::RESULTS];
    Ok(names.filter(|name| name.ends_with(".json") && !measured.contains(&name.as_str())).collect())
}

/// The files in `dir` and one folder deep, by their names below it.
fn below(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return Ok(names) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            names.extend(below(&entry.path())?.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            names.push(name);
        }
    }
    Ok(names)
}
