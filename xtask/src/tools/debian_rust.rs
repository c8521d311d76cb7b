//! A private toolchain for wasm32 out of Debian's packages, for machines where rustup cannot download.
//!
//! Debian's `rustc-web` is a recent compiler and comes with the source of std, but without a std for wasm32. The packages are
//! unpacked, not installed: this needs no root and leaves an installed Rust alone.
//! The linker, `rust-lld`, comes from the user's own toolchain.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::apt;
use super::install::{Install, Tool};
use crate::workspace::{cargo, command, output};

/// The target of the page.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

const PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "rust-web-clippy"];

/// The oldest compiler that builds this workspace.
const AT_LEAST: (u32, u32) = (1, 95);

/// The toolchain's directory; installs it if need be.
pub(crate) fn ensure(own: &Path) -> Result<PathBuf> {
    let version = apt::offered(PACKAGES[0]).unwrap_or_default();
    if major_minor(&version) < Some(AT_LEAST) {
        bail!(
            "Debian's package lists offer no {} of {}.{} or newer (found: {}). \
             Please run `apt-get update`, or `rustup target add {TARGET}` where rustup can download.",
            PACKAGES[0],
            AT_LEAST.0,
            AT_LEAST.1,
            if version.is_empty() { "none" } else { &version },
        );
    }
    // A file name: apt versions carry `~`, `+` and `:`.
    let key: String = version.chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let tool = Tool {
        name: "rust-wasm",
        version: &key,
        about: "unpacks Debian's rustc-web and builds its std for wasm32, about 1 minute, 140 MB to download",
    };
    let home = tool.ensure(fill)?;
    // Not part of the installation: the link follows the user's toolchain, which may have changed.
    link_linker(&home, own)?;
    Ok(home)
}

pub(super) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn fill(install: &Install) -> Result<()> {
    let unpacked = install.dir.join("unpacked");
    apt::unpack(&apt::closure(&PACKAGES)?, &unpacked, |command| install.run(command))?;
    let usr = unpacked.join("usr");
    for part in ["bin", "lib", "src"] {
        fs::rename(usr.join(part), install.dir.join(part))
            .with_context(|| format!("Debian's packages have changed: no usr/{part} in them"))?;
    }
    fs::remove_dir_all(&unpacked)?;

    for program in ["rustc", "rustdoc", "clippy-driver", "cargo-clippy"] {
        wrap(&install.dir.join("bin"), program)?;
    }
    build_std(install)?;
    // Only std's build needed the source: 430 MB.
    fs::remove_dir_all(install.dir.join("src"))?;
    Ok(())
}

fn link_linker(toolchain: &Path, own: &Path) -> Result<()> {
    let about = output(command(toolchain.join("bin/rustc")).arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let programs = Path::new("lib/rustlib").join(host.context("rustc does not name its host")?).join("bin");
    let linker = own.join(&programs).join("rust-lld");
    if !linker.exists() {
        bail!("{} is missing, the linker for wasm32; a Rust installed by rustup has it", linker.display());
    }
    let link = toolchain.join(&programs).join("rust-lld");
    fs::create_dir_all(toolchain.join(programs))?;
    fs::remove_file(&link).ok();
    symlink(&linker, &link).with_context(|| format!("could not link {}", link.display()))
}

/// Replaces a program by a script that sets its library path.
fn wrap(bin: &Path, program: &str) -> Result<()> {
    let script = bin.join(program);
    let real = format!("{program}-unwrapped");
    fs::rename(&script, bin.join(&real))?;
    let text = format!(
        "#!/bin/sh\n\
         here=$(dirname \"$(readlink -f \"$0\")\")\n\
         LD_LIBRARY_PATH=$(echo \"$here\"/../lib/*-linux-gnu)${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\n\
         export LD_LIBRARY_PATH\n\
         exec \"$here/{real}\" \"$@\"\n"
    );
    fs::write(&script, text)?;
    Ok(fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?)
}

/// Builds std through an empty library and keeps the rlibs where the compiler looks for them.
fn build_std(install: &Install) -> Result<()> {
    let empty = install.dir.join("std");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(empty.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        empty.join("Cargo.toml"),
        "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n[profile.release]\nopt-level = 3\n",
    )?;
    let mut build = cargo();
    build
        .current_dir(&empty)
        .args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET])
        .env("RUSTC", install.dir.join("bin/rustc"))
        .env("RUSTC_BOOTSTRAP", "1")
        // The page's link-time optimisation needs bitcode in the rlibs.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", empty.join("target"));
    install.run(&mut build)?;

    let lib = install.dir.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&lib)?;
    for file in fs::read_dir(empty.join("target").join(TARGET).join("release/deps"))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing") {
            fs::copy(file.path(), lib.join(name))?;
        }
    }
    Ok(fs::remove_dir_all(empty)?)
}
