//! axe-core, the accessibility checker that the browser tests run inside the page: one script from the npm registry.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::install::{Tool, dir};
use crate::workspace::{command, find};

const NAME: &str = "axe-core";
const VERSION: &str = "4.11.0";

/// Fetches the script if it is missing; returns its path, or none where there is no npm.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let fetched = dir()?.join(format!("{NAME}-{VERSION}"));
    if !fetched.is_dir() && find("npm").is_none() {
        println!("There is no npm to fetch {NAME} with: the accessibility check will be skipped");
        return Ok(None);
    }
    let about = "fetches one script from the npm registry, a few seconds";
    let home = Tool { name: NAME, version: VERSION, about }.ensure(|install| {
        let mut pack = command("npm");
        pack.args(["pack", "--silent", &format!("{NAME}@{VERSION}")]).current_dir(install.dir);
        install.run(&mut pack).context("npm could not fetch it")?;
        let archive = install.dir.join(format!("{NAME}-{VERSION}.tgz"));
        let mut unpack = command("tar");
        unpack.arg("-xzf").arg(&archive).args(["--strip-components=1", "-C"]).arg(install.dir);
        install.run(unpack.args(["package/axe.min.js", "package/LICENSE"]))?;
        Ok(fs::remove_file(archive)?)
    })?;
    Ok(Some(home.join("axe.min.js")))
}
