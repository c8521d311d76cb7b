//! schemathesis, which tests the HTTP interfaces against their description: a Python program from PyPI, by fixed hashes.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use super::install::Tool;
use crate::workspace::{command, find, output};

const NAME: &str = "schemathesis";
/// As in its list of packages.
const VERSION: &str = "4.32.5";
const PACKAGES: &str = "xtask/src/tools/schemathesis.txt";

/// Installs it if it is missing; returns the Python that has it.
pub(crate) fn ensure() -> Result<PathBuf> {
    let about = "28 Python packages from PyPI, about 15 s";
    let home = Tool { name: NAME, version: VERSION, about }.ensure(|install| {
        // Debian's Python has no `venv` without its package.
        if find("python3").is_none() || output(command("python3").args(["-c", "import ensurepip"])).is_err() {
            apt::install(NAME, &["python3", "python3-venv"]).context("It needs Python with venv")?;
        }
        install.run(command("python3").args(["-m", "venv"]).arg(install.dir))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let pinned = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement", PACKAGES];
        install.run(command(install.dir.join("bin/python")).args(pip).args(pinned))
    })?;
    // Not `bin/schemathesis`, which names the directory of its installation.
    Ok(home.join("bin/python"))
}
