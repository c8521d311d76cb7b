//! What the native build needs beside Rust: a C toolchain, and zlib for the Kafka client.

use anyhow::{Result, bail};

use super::apt;
use super::install::dir;
use crate::workspace::find;

/// Installs what is missing where that is possible; says what is missing where not.
pub(crate) fn ensure() -> Result<()> {
    if find("cc").is_none() || find("make").is_none() {
        bail!("A C compiler and make are needed; on Debian or Ubuntu: `apt-get install build-essential`");
    }
    if !apt::here() {
        return Ok(());
    }
    let missing: Vec<_> =
        ["zlib1g-dev", "pkg-config"].into_iter().filter(|package| !apt::is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let log = dir()?.join("native.log");
    if let Err(error) = apt::install(&missing, &log) {
        // No reason to stop: the build falls back to the zlib that the crate brings along.
        println!("Going on without {}: {error:#}", missing.join(" and "));
    }
    Ok(())
}
