//! The page: built once into `dist/`, or served with live reload.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::{cargo, target_dir};
use crate::{step, tools};

const BUILD: [&str; 7] = ["build", "-p", "frontend", "--profile", "wasm-release", "--target", "wasm32-unknown-unknown"];

/// Builds `dist/`, small, as it is shipped.
pub(crate) fn build() -> Result<()> {
    tools::wasm()?;
    step::step("page: cargo build for wasm32, then bundle into dist/", || {
        // Without progress bars: another cargo may draw its own at the same time.
        step::run(tools::wasm_env("cargo")?.args(BUILD).env("CARGO_TERM_PROGRESS_WHEN", "never"))?;
        bundle("frontend", "frontend/index.html", Path::new("dist"))
    })
}

/// Builds the page that compares the tracker's reader of JSON with serde_json; returns its directory.
pub(crate) fn compare_json() -> Result<PathBuf> {
    let dist = target_dir()?.join("compare-json");
    step::step("the comparison of the readers of JSON: cargo build for wasm32, then bundle", || {
        let features = ["--bin", "compare_json", "--features", "compare-json"];
        let mut build = tools::wasm_env("cargo")?;
        build.args(["build", "-p", "tracker"]).args(features).args(&BUILD[3..]);
        step::run(build.env("CARGO_TERM_PROGRESS_WHEN", "never"))?;
        bundle("compare_json", "tracker/src/bin/compare_json/index.html", &dist)
    })?;
    Ok(dist)
}

/// Makes the files of a page from its Wasm and its source of index.html.
fn bundle(program: &str, html: &str, dist: &Path) -> Result<()> {
    let wasm = target_dir()?.join("wasm/wasm32-unknown-unknown/wasm-release").join(program).with_extension("wasm");
    let mut bundle = cargo();
    bundle.args(["run", "-p", "bundle", "--"]).arg(wasm).arg(html).arg(dist);
    step::run(bundle.env("CARGO_TERM_PROGRESS_WHEN", "never"))
}

/// Replaces this process by `trunk serve`.
pub(crate) fn serve(args: &[String]) -> Result<()> {
    tools::wasm()?;
    tools::trunk()?;
    let mut trunk = tools::wasm_env("trunk")?;
    // trunk accepts only true or false here, but the common value is `NO_COLOR=1`.
    step::exec(trunk.env_remove("NO_COLOR").arg("serve").args(args))
}
