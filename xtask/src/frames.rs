//! `cargo xtask frames`: how smoothly a page runs in Chromium under load, on everything built for use.

use anyhow::Result;

use crate::broker::Broker;
use crate::up::SERVICES;
use crate::workspace::{cargo, command, target_dir};
use crate::{frontend_build, setup, step, tools};

/// Sets up, builds, and replaces this process by `frames` with the same arguments.
pub(crate) fn run(args: &[String]) -> Result<()> {
    tools::native()?;
    setup::broker(&Broker::auto())?;
    tools::browser()?;
    let build = ["build", "--release", "--bins", "-p", "e2e"];
    step::step("services: cargo build --release", || step::run(cargo().args(build).args(SERVICES)))?;
    frontend_build::build()?;
    step::exec(command(target_dir()?.join("release/frames")).args(args))
}
