//! `cargo xtask trackers`: our tracker and others under the same losses, in Chromium.

use anyhow::Result;

use crate::workspace::{cargo, command, root, target_dir};
use crate::{frontend_build, step, tools};

/// Sets up, builds, and replaces this process by `trackers` with the same arguments; `cargo xtask docs` writes its table.
pub(crate) fn run(args: &[String]) -> Result<()> {
    tools::native()?;
    tools::browser()?;
    let packages = tools::trackers()?;
    step::step("cargo build -p e2e", || step::run(cargo().args(["build", "-p", "e2e", "--bin", "trackers"])))?;
    frontend_build::build()?;
    let mut measure = command(target_dir()?.join("debug/trackers"));
    measure.arg("--ese").arg(root().join("dist"));
    for (option, dir) in packages {
        measure.arg(option).arg(dir);
    }
    step::exec(measure.args(args))
}
