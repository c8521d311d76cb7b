//! The PostgreSQL server of some tests.

use anyhow::{Context, Result};

use super::apt;
use super::install::dir;
use crate::postgres::programs;

/// Installs Debian's package if there is no server.
pub(crate) fn ensure() -> Result<()> {
    if programs().is_some() {
        return Ok(());
    }
    println!("Installing the PostgreSQL server for the tests, about 1 minute, 20 MB to download");
    let log = dir()?.join("postgres.log");
    apt::install(&["postgresql"], &log).context("Some tests need a PostgreSQL server")
}
