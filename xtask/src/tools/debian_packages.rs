//! Programs and libraries of Debian: for the native build, the browser tests and the tests on PostgreSQL.

use std::env;

use anyhow::{Context, Result, bail};

use super::{apt, firefox};
use crate::postgres::programs;
use crate::workspace::find;

/// The needs of the native build beside Rust: a C toolchain, and OpenSSL and zlib for the Kafka client.
pub(crate) fn native() -> Result<()> {
    if find("cc").is_none() || find("make").is_none() {
        bail!("A C compiler and make are needed; on Debian or Ubuntu: `apt-get install build-essential`");
    }
    if apt::is_available()
        && let Err(error) = apt::install("native", &["libssl-dev", "zlib1g-dev", "pkg-config"])
    {
        // Not an error: OpenSSL may lie elsewhere (OPENSSL_DIR), and the build can use the zlib inside the crate.
        println!("Going on without libssl-dev, zlib1g-dev or pkg-config: {error:#}");
    }
    Ok(())
}

/// The browser that the tests of the page drive, with its WebDriver: Chromium, or the one that `ESE_TEST_BROWSER` names.
pub(crate) fn browser() -> Result<()> {
    if env::var("ESE_TEST_BROWSER").is_ok_and(|name| name == "firefox") {
        return firefox::ensure();
    }
    let browser = ["chromium", "chromium-browser", "google-chrome"];
    if browser.iter().any(|name| find(name).is_some()) && find("chromedriver").is_some() {
        return Ok(());
    }
    println!("Installing chromium and chromium-driver for the browser tests, about 1 minute, 100 MB to download");
    apt::install("browser", &["chromium", "chromium-driver"])
        .context("The browser tests need Chromium and chromedriver on PATH")
}

/// The PostgreSQL server of some tests.
pub(crate) fn postgres() -> Result<()> {
    if programs().is_some() {
        return Ok(());
    }
    println!("Installing the PostgreSQL server for the tests, about 1 minute, 20 MB to download");
    apt::install("postgres", &["postgresql"]).context("Some tests need a PostgreSQL server")
}
