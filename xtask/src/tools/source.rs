//! Programs that come as source from crates.io, built with as little optimisation as their use allows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::install::{Install, Tool};
use crate::workspace::cargo;

/// A program of a package on crates.io.
pub(super) struct Program<'a> {
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    /// The name of the executable.
    pub(super) program: &'a str,
    /// Its features; the default ones are left out.
    pub(super) features: &'a str,
    /// Full optimisation takes four times as long as none.
    pub(super) opt_level: &'a str,
    /// The compiler if it is not the user's own; called only before a build.
    pub(super) compiler: fn() -> Result<Option<PathBuf>>,
    /// How long it takes.
    pub(super) time: &'a str,
}

impl Program<'_> {
    /// Builds the program if it is missing; returns its path.
    pub(super) fn ensure(&self) -> Result<PathBuf> {
        let about = format!("builds it from source, {} on two cores", self.time);
        let home = Tool { name: self.package, version: self.version, about: &about }.ensure(|install| {
            let compiler = (self.compiler)()?;
            let build = |locked| install.run(&mut self.command(install, compiler.as_deref(), locked));
            if build(true).is_err() {
                // A registry mirror may lack the versions in the package's own lockfile.
                println!("  {}: failed with its own lockfile; trying with what the registry has", self.package);
                build(false)?;
            }
            Ok(fs::remove_dir_all(built(install))?)
        })?;
        Ok(home.join("bin").join(self.program))
    }

    fn command(&self, install: &Install, compiler: Option<&Path>, locked: bool) -> Command {
        let mut command = cargo();
        command
            .args(["install", self.package, "--version", &format!("={}", self.version), "--bin", self.program])
            .args(["--no-default-features", "--features", self.features, "--root"])
            .arg(install.dir)
            .env("CARGO_TARGET_DIR", built(install))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        if let Some(compiler) = compiler {
            command.env("RUSTC", compiler);
        }
        if locked {
            command.arg("--locked");
        }
        command
    }
}

fn built(install: &Install) -> PathBuf {
    install.dir.join("target")
}
