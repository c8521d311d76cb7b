//! The compiler for wasm32: the user's own if it has the target, else a private one.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::debian_rust::TARGET;
use super::install::dir;
use super::{apt, debian_rust};
use crate::step;
use crate::workspace::{command, find, output};

/// The toolchain that builds the page.
pub(crate) enum Toolchain {
    /// The toolchain of `rustc` on PATH.
    Own,
    /// A toolchain in the directory of the tools, with `bin/rustc`.
    Private(PathBuf),
}

/// Finds a toolchain that can build for wasm32, or makes one.
pub(crate) fn ensure() -> Result<Toolchain> {
    let own = sysroot()?;
    if has_target(&own) || rustup_adds_target(&own, &dir()?.join("rustup.log")) {
        return Ok(Toolchain::Own);
    }
    if !apt::is_available() {
        bail!(
            "The Rust compiler here cannot build for {TARGET} and rustup could not add that target. \
             Please run `rustup target add {TARGET}` where it can download, or install your system's package of it."
        );
    }
    let toolchain = debian_rust::ensure(&own).context("rustup could not add the wasm32 target")?;
    Ok(Toolchain::Private(toolchain))
}

/// The directory of the user's own toolchain.
pub(crate) fn sysroot() -> Result<PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = output(command(rustc).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot))
}

fn has_target(sysroot: &Path) -> bool {
    // rustc has a directory for every target it supports; only an installed one has the library.
    let lib = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let Ok(mut files) = std::fs::read_dir(lib) else { return false };
    files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}

fn rustup_adds_target(sysroot: &Path, log: &Path) -> bool {
    if find("rustup").is_none() {
        return false;
    }
    println!("Running: rustup target add {TARGET} (a few seconds; given up after 2 minutes)");
    // Behind a firewall that drops packets, rustup tries for a very long time.
    let mut add = command(if find("timeout").is_some() { "timeout" } else { "rustup" });
    if find("timeout").is_some() {
        add.args(["120", "rustup"]);
    }
    let added = step::quietly("rustup", add.args(["target", "add", TARGET]), log);
    let works = added.is_ok() && has_target(sysroot);
    if !works {
        println!("rustup could not download it (see {}), so another way is taken.", log.display());
    }
    works
}
