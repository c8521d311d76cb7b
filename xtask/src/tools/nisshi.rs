//! nisshi, a Kafka-compatible broker in Rust, for machines without Java.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::install::link;
use super::source::Program;
use super::{debian_rust, wasm};
use crate::workspace::{command, output};

const NISSHI: Program = Program {
    package: "nisshi",
    version: "0.8.1",
    program: "nisshi",
    features: "libsql",
    // Some optimisation, because the broker carries load.
    opt_level: "1",
    compiler,
    time: "about 15 minutes",
};

/// The oldest compiler that builds nisshi; this workspace needs only an older one.
const RUST: (u32, u32) = (1, 96);

/// Builds nisshi if it is not there and links it as `<tools>/bin/nisshi`.
pub(crate) fn ensure() -> Result<()> {
    super::debian_packages::native()?;
    link(&NISSHI.ensure()?, "nisshi")
}

/// The user's own compiler if it is new enough, else Debian's.
fn compiler() -> Result<Option<PathBuf>> {
    let version = output(command("rustc").arg("--version"))?;
    let number = version.split_whitespace().nth(1).and_then(debian_rust::major_minor);
    if number >= Some(RUST) {
        return Ok(None);
    }
    let debian = debian_rust::ensure(&wasm::sysroot()?).with_context(|| {
        format!("nisshi needs Rust {}.{} and this is {version}; `rustup update stable` brings it", RUST.0, RUST.1)
    })?;
    Ok(Some(debian.join("bin/rustc")))
}
