//! The needs of the native build beside Rust: a C toolchain, and zlib for the Kafka client.

use anyhow::{Result, bail};

use super::apt;
use super::install::dir;
use crate::workspace::find;

/// Installs the missing packages where possible; names them where not.
pub(crate) fn ensure() -> Result<()> {
    if find("cc").is_none() || find("make").is_none() {
        bail!("A C compiler and make are needed; on Debian or Ubuntu: `apt-get install build-essential`");
    }
    if !apt::is_available() {
        return Ok(());
    }
    let missing: Vec<_> =
        ["zlib1g-dev", "pkg-config"].into_iter().filter(|package| !apt::is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let log = dir()?.join("native.log");
    if let Err(error) = apt::install(&missing, &log) {
        // Not an error: the build then uses the zlib inside the crate.
        println!("Going on without {}: {error:#}", missing.join(" and "));
    }
    Ok(())
}
