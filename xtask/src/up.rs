//! `cargo xtask up`: sets up and builds everything, then runs `ese up`.

use std::thread;

use anyhow::Result;

use crate::broker::Broker;
use crate::workspace::{cargo, command, target_dir};
use crate::{frontend_build, setup, step, tools};

/// The programs of the stack.
pub(crate) const SERVICES: [&str; 8] = ["-p", "backend", "-p", "consumer", "-p", "mailer", "-p", "lab"];

/// Sets up, builds, and replaces this process by `ese up` with the same arguments.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let (broker, _) = Broker::from_args(args)?;
    let with_page = !args.iter().any(|arg| arg == "--no-frontend");

    tools::native()?;
    // At the same time, because downloads use no core, and the end of each build uses only one.
    thread::scope(|scope| {
        let broker = scope.spawn(|| reported(setup::broker(&broker)));
        let page = scope.spawn(|| if with_page { reported(frontend_build::build()) } else { Ok(()) });
        let build = || step::run(cargo().args(["build", "--release"]).args(SERVICES));
        let services = step::step("services: cargo build --release", build);
        step::joined(broker)?;
        step::joined(page)?;
        services
    })?;
    step::exec(command(target_dir()?.join("release/ese")).arg("up").args(args))
}

/// Prints an error at once, while the other work goes on.
fn reported(result: Result<()>) -> Result<()> {
    result.inspect_err(|error| eprintln!("\nerror: {error:#}\n(The services are still being built; Ctrl-C ends that.)"))
}
