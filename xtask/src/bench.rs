//! `cargo xtask bench`: the speed of everything built for use, beside the limits of the same machine.

use anyhow::Result;

use crate::broker::Broker;
use crate::docs::performance;
use crate::up::SERVICES;
use crate::workspace::{cargo, command, output, root, target_dir};
use crate::{setup, step, tools};

/// Sets up, builds, and replaces this process by `ese bench` with the same arguments.
pub(crate) fn run(args: &[String]) -> Result<()> {
    build()?;
    let commit = output(command("git").args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let mut bench = command(target_dir()?.join("release/ese"));
    bench.arg("bench").args(args);
    // A program with changes that are not committed belongs to no commit.
    let is_clean = output(command("git").args(["status", "--porcelain", "--untracked-files=no"]))
        .is_ok_and(|changes| changes.is_empty());
    if is_clean && !commit.is_empty() {
        bench.args(["--commit", &commit]);
    }
    step::exec(&mut bench)
}

/// Fails if a third of a published ratio is lost.
pub(crate) fn ratios() -> Result<()> {
    let results = performance::RESULTS;
    if !root().join(results).exists() {
        println!("SKIPPED: there is no {results}; `cargo xtask bench --out docs/performance` measures it");
        return Ok(());
    }
    build()?;
    step::run(command(target_dir()?.join("release/ese")).args(["bench", &format!("--ratios={results}")]))
}

fn build() -> Result<()> {
    tools::native()?;
    setup::broker(&Broker::auto())?;
    step::step("services: cargo build --release", || step::run(cargo().args(["build", "--release"]).args(SERVICES)))
}
