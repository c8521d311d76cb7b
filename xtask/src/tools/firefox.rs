//! Firefox and its WebDriver, for the tests of `ese.js` in a second browser.

use anyhow::{Context, Result};

use super::apt;
use super::install::link;
use super::source::Program;
use crate::workspace::find;

const GECKODRIVER: Program = Program {
    package: "geckodriver",
    version: "0.37.1",
    program: "geckodriver",
    features: "",
    opt_level: "0",
    compiler: || Ok(None),
    time: "1 to 4 minutes",
};

/// Installs Firefox if it is not there, and builds geckodriver from source, which Debian does not have.
pub(crate) fn ensure() -> Result<()> {
    if find("firefox").is_none() {
        println!("Installing firefox-esr for the tests in Firefox, 80 MB to download");
        apt::install("firefox", &["firefox-esr"]).context("The tests in Firefox need it on PATH")?;
    }
    if find("geckodriver").is_none() {
        link(&GECKODRIVER.ensure()?, "geckodriver")?;
    }
    Ok(())
}
