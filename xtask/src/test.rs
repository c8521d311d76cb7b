//! `cargo xtask test`: a real broker, a real database server and a real browser, then all tests.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::broker::{self, Broker};
use crate::workspace::{cargo, target_dir};
use crate::{frontend_build, postgres, setup, step, tools, up};

/// Runs all tests, or those selected by the arguments to `cargo test`; returns the exit code of `cargo test`.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    let (broker, args) = Broker::from_args(args)?;
    tools::native()?;
    setup::broker(&broker)?;
    tools::browser()?;
    let axe = tools::axe()?;
    tools::postgres()?;
    let schemathesis = tools::schemathesis()?;
    frontend_build::build()?;
    frontend_build::example()?;
    let compare_json = frontend_build::compare_json()?;
    step::step("services: cargo build", || step::run(cargo().arg("build").args(up::SERVICES)))?;

    let ese = target_dir()?.join("debug/ese");
    let running = step::step(&format!("broker for the tests: {broker}"), || broker::start(&ese, &broker))?;
    let database = step::step("PostgreSQL for the tests", postgres::start)?;
    let mut tests = cargo();
    tests.arg("test");
    let own_choice = |arg: &String| arg.starts_with("-p") || arg.starts_with("--package");
    if !args.iter().take_while(|arg| *arg != "--").any(own_choice) {
        tests.args(["--workspace", "--no-fail-fast"]);
    }
    tests.args(args).env("ESE_TEST_BROKER", &running.address).env("ESE_TEST_POSTGRES", &database.url);
    tests.envs(axe.map(|axe| ("ESE_TEST_AXE", axe)));
    tests.env("ESE_TEST_SCHEMATHESIS", schemathesis).env("ESE_TEST_COMPARE_JSON", compare_json);
    let status = step::step("tests: cargo test", || tests.status().context("could not start cargo"))?;
    if !status.success() {
        eprintln!("\nerror: tests failed; the output above names them");
    }
    // Without an exit code, a signal ended them.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
