//! `cargo xtask up`: sets up and builds everything, then runs `ese up`.

use anyhow::Result;

use crate::broker::Broker;
use crate::workspace::{cargo, command, target_dir};
use crate::{page, setup, step, tools};

/// The programs of the stack.
pub(crate) const SERVICES: [&str; 8] = ["-p", "backend", "-p", "consumer", "-p", "mailer", "-p", "lab"];

/// Sets up, builds, and replaces this process by `ese up` with the same arguments.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let (broker, _) = Broker::from_args(args)?;
    let with_page = !args.iter().any(|arg| arg == "--no-frontend");

    tools::native()?;
    setup::broker(&broker)?;
    if with_page {
        // Before the long build, so that a missing tool is reported at once.
        tools::page()?;
    }
    step::step("services: cargo build --release", || step::run(cargo().args(["build", "--release"]).args(SERVICES)))?;
    if with_page {
        page::build()?;
    }
    step::exec(command(target_dir()?.join("release/ese")).arg("up").args(args))
}
