//! The page: built once into `dist/`, or served with live reload.

use std::process::Command;

use anyhow::Result;

use crate::{step, tools};

/// Builds `dist/`, small, as it is shipped.
pub(crate) fn build() -> Result<()> {
    tools::page()?;
    step::step("page: trunk build into dist/", || {
        step::run(trunk()?.args(["build", "--cargo-profile", "wasm-release"]))
    })
}

/// Replaces this process by `trunk serve`.
pub(crate) fn serve(args: &[String]) -> Result<()> {
    tools::page()?;
    step::exec(trunk()?.arg("serve").args(args))
}

fn trunk() -> Result<Command> {
    let mut trunk = tools::wasm_env("trunk")?;
    // trunk accepts only true or false here, but the common value is `NO_COLOR=1`.
    trunk.env_remove("NO_COLOR");
    Ok(trunk)
}
