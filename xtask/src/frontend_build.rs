//! The page: built once into `dist/`, or served with live reload.

use anyhow::Result;

use crate::workspace::{cargo, target_dir};
use crate::{step, tools};

const BUILD: [&str; 7] = ["build", "-p", "frontend", "--profile", "wasm-release", "--target", "wasm32-unknown-unknown"];

/// Builds `dist/`, small, as it is shipped.
pub(crate) fn build() -> Result<()> {
    tools::wasm()?;
    step::step("page: cargo build for wasm32, then bundle into dist/", || {
        let wasm = target_dir()?.join("wasm/wasm32-unknown-unknown/wasm-release/frontend.wasm");
        // Without progress bars: another cargo may draw its own at the same time.
        step::run(tools::wasm_env("cargo")?.args(BUILD).env("CARGO_TERM_PROGRESS_WHEN", "never"))?;
        let mut bundle = cargo();
        bundle.args(["run", "-p", "bundle", "--"]).arg(wasm).args(["frontend/index.html", "dist"]);
        step::run(bundle.env("CARGO_TERM_PROGRESS_WHEN", "never"))
    })
}

/// Replaces this process by `trunk serve`.
pub(crate) fn serve(args: &[String]) -> Result<()> {
    tools::wasm()?;
    tools::trunk()?;
    let mut trunk = tools::wasm_env("trunk")?;
    // trunk accepts only true or false here, but the common value is `NO_COLOR=1`.
    step::exec(trunk.env_remove("NO_COLOR").arg("serve").args(args))
}
