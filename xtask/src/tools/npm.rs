//! Packages of the npm registry: chosen files of a fixed version, whose archive has a fixed checksum.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::install::{Tool, dir};
use crate::workspace::{command, find, output};

/// A package at a version.
pub(super) struct Package<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// The checksum of its archive, as the registry and lock files write it.
    pub(super) integrity: &'a str,
    /// The files and folders to keep, by their paths in the package.
    pub(super) files: &'a [&'a str],
}

impl Package<'_> {
    /// Fetches the files if they are missing; returns their directory, or none where there is no npm.
    pub(super) fn ensure(&self) -> Result<Option<PathBuf>> {
        let Self { name, version, integrity, files } = *self;
        let plain = name.trim_start_matches('@').replace('/', "-");
        if !dir()?.join(format!("{plain}-{version}")).is_dir() && find("npm").is_none() {
            return Ok(None);
        }
        let about = "fetches one package from the npm registry, a few seconds";
        let home = Tool { name: &plain, version, about }.ensure(|install| {
            let mut pack = command("npm");
            pack.args(["pack", "--json", &format!("{name}@{version}")]).current_dir(install.dir);
            let packed = output(&mut pack).context("npm could not fetch it")?;
            ensure!(packed.contains(&format!("\"{integrity}\"")), "its archive has another checksum than {integrity}");
            let archive = install.dir.join(format!("{plain}-{version}.tgz"));
            let mut unpack = command("tar");
            unpack.arg("-xzf").arg(&archive).args(["--strip-components=1", "-C"]).arg(install.dir);
            install.run(unpack.args(files.iter().map(|file| format!("package/{file}"))))?;
            Ok(fs::remove_file(archive)?)
        })?;
        Ok(Some(home))
    }
}
