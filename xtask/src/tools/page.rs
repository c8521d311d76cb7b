//! What the page is built with: a compiler for wasm32, trunk, and the wasm-bindgen that Cargo.lock asks for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::wasm::{self, Toolchain};
use super::{Install, Tool, dir, link};
use crate::workspace::{cargo, command, locked_version};

/// The newest trunk that the workspace's own `rust-version` can build.
const TRUNK: &str = "0.21.14";

/// Installs what is missing and writes the scripts in `<tools>/bin`.
pub(crate) fn ensure() -> Result<()> {
    super::native()?;
    let wasm_bindgen = locked_version("wasm-bindgen")?;
    // Each leaves a core idle for much of its time: together they take little longer than the longest.
    let (toolchain, bindgen, trunk) = thread::scope(|scope| {
        let toolchain = scope.spawn(wasm::ensure);
        let bindgen = scope.spawn(|| from_source("wasm-bindgen-cli", &wasm_bindgen, "wasm-bindgen", "2 to 3 minutes"));
        let trunk = from_source("trunk", TRUNK, "trunk", "3 to 4 minutes");
        (joined(toolchain.join()), joined(bindgen.join()), trunk)
    });
    link(&bindgen?, "wasm-bindgen")?;
    script("wasm-env", &environment(&toolchain?)?)?;
    let trunk = trunk?;
    script("trunk", &format!("exec \"$(dirname \"$0\")/wasm-env\" \"{}\" \"$@\"\n", trunk.display()))
}

fn joined<T>(result: thread::Result<Result<T>>) -> Result<T> {
    result.unwrap_or_else(|_| Err(anyhow!("the set-up panicked")))
}

/// A command that runs in the environment of the page's build, which `<tools>/bin/wasm-env` describes.
pub(crate) fn wasm_env(program: &str) -> Result<Command> {
    let mut command = command(dir()?.join("bin/wasm-env"));
    command.arg(program);
    Ok(command)
}

/// Builds a program for use, not for speed, and returns its path.
fn from_source(package: &str, version: &str, program: &str, time: &str) -> Result<PathBuf> {
    let about = format!("builds it from source, {time} on two cores");
    let home = Tool { name: package, version, about: &about }.ensure(|install| {
        let built = install.dir.join("target");
        let locked = install.run(&mut cargo_install(install, package, version, program, &built, true));
        if locked.is_err() {
            // A registry mirror can lack the very version that the package's own lockfile names.
            println!(
                "  {package}: its own lockfile cannot be had here; trying with other versions of its dependencies"
            );
            install.run(&mut cargo_install(install, package, version, program, &built, false))?;
        }
        Ok(fs::remove_dir_all(built)?)
    })?;
    Ok(home.join("bin").join(program))
}

fn cargo_install(
    install: &Install,
    package: &str,
    version: &str,
    program: &str,
    built: &Path,
    locked: bool,
) -> Command {
    let mut command = cargo();
    command
        .args(["install", package, "--bin", program, "--no-default-features", "--version", &format!("={version}")])
        .arg("--root")
        .arg(install.dir)
        .env("CARGO_TARGET_DIR", built)
        // An optimised build takes four times as long; what these programs do takes a second either way.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    if package == "trunk" {
        // It does not build without one of its TLS features; left out is the one that calls home for updates.
        command.args(["--features", "rustls"]);
    }
    if locked {
        command.arg("--locked");
    }
    command
}

/// The script that runs a program with the page's compiler and tools, for xtask and for people alike.
fn environment(toolchain: &Toolchain) -> Result<String> {
    let bin = dir()?.join("bin");
    let mut path = bin.display().to_string();
    let mut compiler = String::new();
    if let Toolchain::Private(home) = toolchain {
        let private = home.join("bin");
        path = format!("{}:{path}", private.display());
        compiler = format!("export RUSTC=\"{0}/rustc\" RUSTDOC=\"{0}/rustdoc\"\n", private.display());
    }
    Ok(format!(
        "# A target directory of its own: cargo rebuilds everything whenever the compiler changes.\n\
         target=$(cargo metadata --no-deps --format-version 1 2>/dev/null |\n    \
             sed -n 's/.*\"target_directory\":\"\\([^\"]*\\)\".*/\\1/p')\n\
         export CARGO_TARGET_DIR=\"${{target:-target}}/wasm\"\n\
         export PATH=\"{path}:$PATH\"\n\
         {compiler}\
         exec \"$@\"\n"
    ))
}

fn script(name: &str, body: &str) -> Result<()> {
    let path = dir()?.join("bin").join(name);
    let text = format!("#!/bin/sh\n# Written by `cargo xtask setup page`.\n{body}");
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let fresh = path.with_extension("new");
    fs::write(&fresh, text)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755))?;
    fs::rename(&fresh, &path).with_context(|| format!("could not write {}", path.display()))
}
