//! nisshi, a Kafka-compatible broker in Rust, for machines without Java.

use anyhow::{Context, Result};

use super::{Tool, debian_rust, link, wasm};
use crate::workspace::{cargo, command, output};

const VERSION: &str = "0.8.1";

/// The oldest compiler that builds it, newer than the one this workspace asks for.
const RUST: (u32, u32) = (1, 96);

/// Builds nisshi if it is not there and links it as `<tools>/bin/nisshi`.
pub(crate) fn ensure() -> Result<()> {
    let about = "builds it from source, about 15 minutes on two cores, once";
    let home = Tool { name: "nisshi", version: VERSION, about }.ensure(|install| {
        let built = install.dir.join("target");
        let mut build = cargo();
        build
            .args(["install", "nisshi", "--locked", "--no-default-features", "--features", "libsql"])
            .args(["--version", &format!("={VERSION}"), "--root"])
            .arg(install.dir)
            .env("CARGO_TARGET_DIR", &built)
            // It carries load, so not entirely unoptimised; but a full optimisation takes over half an hour.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        if own_rust()? < RUST {
            let (major, minor) = RUST;
            let newer = debian_rust::ensure(&wasm::sysroot()?)
                .with_context(|| format!("nisshi needs Rust {major}.{minor}; `rustup update stable` brings it"))?;
            build.env("RUSTC", newer.join("bin/rustc"));
        }
        install.run(&mut build)?;
        Ok(std::fs::remove_dir_all(built)?)
    })?;
    link(&home.join("bin/nisshi"), "nisshi")
}

fn own_rust() -> Result<(u32, u32)> {
    let version = output(command("rustc").arg("--version"))?;
    let number = version.split_whitespace().nth(1).and_then(debian_rust::major_minor);
    number.with_context(|| format!("this compiler's version makes no sense: {version}"))
}
