//! The browser that the tests of the page drive: Chromium and its WebDriver.

use anyhow::{Context, Result};

use super::apt;
use super::install::dir;
use crate::workspace::find;

/// Installs Debian's packages if there is no Chromium or no chromedriver.
pub(crate) fn ensure() -> Result<()> {
    let browser = ["chromium", "chromium-browser", "google-chrome"];
    if browser.iter().any(|name| find(name).is_some()) && find("chromedriver").is_some() {
        return Ok(());
    }
    println!("Installing chromium and chromium-driver for the browser tests, about 1 minute, 100 MB to download");
    let log = dir()?.join("browser.log");
    apt::install(&["chromium", "chromium-driver"], &log)
        .context("The browser tests need Chromium and chromedriver on PATH")
}
