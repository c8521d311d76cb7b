//! `cargo xtask ci`: every check that a change has to pass, the quick ones first.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::broker::Broker;
use crate::step::{self, human, step};
use crate::workspace::cargo;
use crate::{bench, docs, setup, test, tidy, tools};

/// The page's own profile: its build has already compiled the macros and build scripts that a check needs.
const WASM: [&str; 4] = ["--profile", "wasm-release", "--target", "wasm32-unknown-unknown"];

/// Stops at the first check that fails.
pub(crate) fn run() -> Result<ExitCode> {
    let start = Instant::now();
    step("tidy", tidy::run)?;
    step("cargo fmt --check", || step::run(cargo().args(["fmt", "--all", "--check"])))?;
    tools::native()?;
    step("clippy, native", || {
        let what = ["clippy", "--workspace", "--exclude", "frontend", "--exclude", "example-leptos", "--all-targets"];
        step::run(cargo().args(what).args(["--", "-D", "warnings"]))
    })?;
    step("docs match the code", || docs::run(true))?;
    tools::wasm()?;
    step("clippy, wasm32: frontend, tracker, example", || {
        // Named directly, because `cargo clippy` looks in ~/.cargo/bin first, and only then beside the page's compiler.
        let mut clippy = tools::wasm_env("cargo-clippy")?;
        clippy.args(["clippy", "-p", "frontend", "-p", "tracker", "-p", "example-leptos"]).args(WASM);
        clippy.args(["--features", "tracker/script,tracker/compare-json"]);
        step::run(clippy.args(["--", "-D", "warnings"]))
    })?;
    step("domain and verdict build for wasm32", || {
        step::run(tools::wasm_env("cargo")?.args(["check", "-p", "domain", "-p", "verdict"]).args(WASM))
    })?;
    step("speed: no ratio has lost a third", bench::ratios)?;
    // For the smoke test on the other broker; `cargo xtask test` alone skips it with a message.
    setup::broker(&Broker::Nisshi)?;
    let code = test::run(&[])?;
    let word = if code == ExitCode::SUCCESS { "passed" } else { "failed" };
    println!("\nci {word} in {}", human(start.elapsed()));
    Ok(code)
}
