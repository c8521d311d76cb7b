//! `cargo xtask test`: a real broker and a real browser, then all tests.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::broker::{self, Broker};
use crate::workspace::{cargo, target_dir};
use crate::{page, step, tools, up};

/// Runs all tests, or those that the arguments to `cargo test` select; the exit code is theirs.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    let (broker, args) = Broker::from_args(args)?;
    tools::native()?;
    tools::broker(&broker)?;
    tools::browser()?;
    page::build()?;
    step::step("services: cargo build", || step::run(cargo().arg("build").args(up::SERVICES)))?;

    let ese = target_dir()?.join("debug/ese");
    let running = step::step(&format!("broker for the tests: {broker}"), || broker::start(&ese, &broker))?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--exclude", "frontend"]).args(args).env("ESE_TEST_BROKER", &running.address);
    step::step("tests: cargo test", || {
        let status = tests.status().context("could not start cargo")?;
        // Without a code it was ended by a signal.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(ExitCode::from(code.unwrap_or(1)))
    })
}
