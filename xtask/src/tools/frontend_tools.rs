//! The tools of the page: a compiler for wasm32, and for live reload trunk with the wasm-bindgen that Cargo.lock asks for.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::{fs, thread};

use anyhow::{Context, Result};

use super::install::{dir, link};
use super::source::Program;
use super::wasm::{self, Toolchain};
use crate::step;
use crate::workspace::{command, locked_version, output};

const TRUNK: Program = Program {
    package: "trunk",
    // The newest that the workspace's own `rust-version` can build.
    version: "0.21.14",
    program: "trunk",
    // trunk needs one of its TLS features; the feature that looks for updates is left out.
    features: "rustls",
    opt_level: "0",
    compiler: || Ok(None),
    time: "3 to 4 minutes",
};

/// Finds or makes a compiler for wasm32, and writes the script `<tools>/bin/wasm-env`.
pub(crate) fn wasm() -> Result<()> {
    script("wasm-env", &environment(&wasm::ensure()?)?)
}

/// Builds trunk and its wasm-bindgen, unless the user's own trunk is there, which fetches its wasm-bindgen itself.
pub(crate) fn trunk() -> Result<()> {
    if output(command("trunk").arg("--version")).is_ok_and(|version| fits(&version)) {
        return Ok(());
    }
    super::debian_packages::native()?;
    let version = locked_version("wasm-bindgen")?;
    let bindgen = Program {
        package: "wasm-bindgen-cli",
        version: &version,
        program: "wasm-bindgen",
        features: "",
        opt_level: "0",
        compiler: || Ok(None),
        time: "2 to 3 minutes",
    };
    // Built at the same time, because each leaves a core idle for much of its time.
    let (bindgen, trunk) = thread::scope(|scope| {
        let bindgen = scope.spawn(|| bindgen.ensure());
        let trunk = TRUNK.ensure();
        (step::joined(bindgen), trunk)
    });
    link(&bindgen?, "wasm-bindgen")?;
    script("trunk", &format!("exec \"$(dirname \"$0\")/wasm-env\" \"{}\" \"$@\"\n", trunk?.display()))
}

/// Whether `trunk --version` is one that reads our index.html.
fn fits(version: &str) -> bool {
    version.starts_with("trunk 0.21.")
}

/// A command that runs in the environment of the page's build, which `<tools>/bin/wasm-env` describes.
pub(crate) fn wasm_env(program: &str) -> Result<Command> {
    let mut command = command(dir()?.join("bin/wasm-env"));
    command.arg(program);
    Ok(command)
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
         # (Unchanged if this runs within itself.)\n\
         target=$(cargo metadata --no-deps --format-version 1 2>/dev/null |\n    \
             sed -n 's/.*\"target_directory\":\"\\([^\"]*\\)\".*/\\1/p')\n\
         target=${{target:-target}}\n\
         export CARGO_TARGET_DIR=\"${{target%/wasm}}/wasm\"\n\
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

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn the_users_own_trunk_is_taken_if_it_fits() {
        assert!(fits("trunk 0.21.14"));
        assert!(!fits("trunk 0.2.1"));
        assert!(!fits("bash: trunk: command not found"));
    }
}
