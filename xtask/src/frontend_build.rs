//! The page: built once into `dist/`, or served with live reload.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::{cargo, target_dir};
use crate::{step, tools};

const WASM32: [&str; 4] = ["--profile", "wasm-release", "--target", "wasm32-unknown-unknown"];
/// The tracker for any page is a library, so that it exports its functions.
const SCRIPT: [&str; 8] = ["rustc", "-p", "tracker", "--lib", "--features", "script", "--crate-type", "cdylib"];

/// Builds `dist/`, small, as it is shipped: the page, and `ese.js` for other pages.
pub(crate) fn build() -> Result<()> {
    tools::wasm()?;
    step::step("page: cargo build for wasm32, then bundle into dist/", || {
        compile(&["build", "-p", "frontend"])?;
        compile(&SCRIPT)?;
        let [page, script] = [wasm("frontend")?, wasm("tracker")?];
        bundle("dist", &[(&page, "frontend/index.html"), (&script, "tracker/ese.js")])
    })
}

/// Builds the example with Leptos into `target/examples/leptos`.
pub(crate) fn example() -> Result<()> {
    step::step("example: cargo build for wasm32, then bundle", || {
        compile(&["build", "-p", "example-leptos"])?;
        let dist = target_dir()?.join("examples/leptos");
        bundle(dist, &[(&wasm("example-leptos")?, "examples/leptos/index.html")])
    })
}

/// Builds the page that compares the tracker's reader of JSON with serde_json; returns its directory.
pub(crate) fn compare_json() -> Result<PathBuf> {
    let dist = target_dir()?.join("compare-json");
    step::step("the comparison of the readers of JSON: cargo build for wasm32, then bundle", || {
        compile(&["build", "-p", "tracker", "--bin", "compare_json", "--features", "compare-json"])?;
        bundle(&dist, &[(&wasm("compare_json")?, "tracker/src/bin/compare_json/index.html")])
    })?;
    Ok(dist)
}

fn compile(args: &[&str]) -> Result<()> {
    // Without progress bars: another cargo may draw its own at the same time.
    step::run(tools::wasm_env("cargo")?.args(args).args(WASM32).env("CARGO_TERM_PROGRESS_WHEN", "never"))
}

fn wasm(name: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join("wasm/wasm32-unknown-unknown/wasm-release").join(name).with_extension("wasm"))
}

fn bundle(dist: impl AsRef<Path>, programs: &[(&Path, &str)]) -> Result<()> {
    let mut bundle = cargo();
    bundle.args(["run", "-p", "bundle", "--"]).arg(dist.as_ref());
    for (wasm, source) in programs {
        bundle.arg(wasm).arg(source);
    }
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
