//! The directory of the tools, and the installation of one tool, whole or not at all.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::step::{self, human};

/// The directory of the tools, made if it is not there.
pub(crate) fn dir() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let dir = set("ESE_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("ese")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/ese")))
        .context("there is no HOME to keep the tools in; set ESE_TOOLS to a directory")?;
    fs::create_dir_all(dir.join("bin")).with_context(|| format!("could not make {}", dir.display()))?;
    Ok(fs::canonicalize(dir)?)
}

/// One tool at one version: installed into `<tools>/<name>-<version>`.
pub(crate) struct Tool<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// The work and its duration, for the person who waits.
    pub(crate) about: &'a str,
}

impl Tool<'_> {
    /// Calls `install` with a temporary directory, and renames that to its final name when it succeeds.
    pub(crate) fn ensure(&self, install: impl FnOnce(&Install) -> Result<()>) -> Result<PathBuf> {
        let tools = dir()?;
        let key = format!("{}-{}", self.name, self.version);
        let home = tools.join(&key);
        if home.is_dir() {
            return Ok(home);
        }
        let lock = File::create(tools.join(format!(".{}.lock", self.name)))?;
        if lock.try_lock().is_err() {
            println!("Another set-up of {} is running; waiting for it …", self.name);
            lock.lock()?;
        }
        if home.is_dir() {
            return Ok(home);
        }

        println!("Installing {} {}: {}", self.name, self.version, self.about);
        let start = Instant::now();
        let fresh = tools.join(format!(".{}.installing", self.name));
        if fresh.exists() {
            fs::remove_dir_all(&fresh)?;
        }
        fs::create_dir_all(&fresh)?;
        let log = tools.join(format!("{key}.log"));
        fs::write(&log, "")?;
        install(&Install { dir: &fresh, log: &log, name: self.name })
            .with_context(|| format!("{} {} could not be installed", self.name, self.version))?;
        fs::rename(&fresh, &home)?;
        println!("Installed {} {} in {}", self.name, self.version, human(start.elapsed()));
        Ok(home)
    }
}

/// The context of an installation.
pub(crate) struct Install<'a> {
    /// The directory to fill.
    pub(crate) dir: &'a Path,
    /// The log of its commands.
    pub(crate) log: &'a Path,
    /// The name of the tool.
    name: &'a str,
}

impl Install<'_> {
    /// Runs one command of the installation: output to the log, progress to the person.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        step::quietly(self.name, command, self.log)
    }
}

/// Links `<tools>/bin/<name>` to a file, in place of an older link.
pub(crate) fn link(file: &Path, name: &str) -> Result<()> {
    let link = dir()?.join("bin").join(name);
    if fs::read_link(&link).is_ok_and(|old| old == file) {
        return Ok(());
    }
    let fresh = link.with_extension("new");
    fs::remove_file(&fresh).ok();
    symlink(file, &fresh)?;
    fs::rename(&fresh, &link).with_context(|| format!("could not link {}", link.display()))
}
