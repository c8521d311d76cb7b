//! axe-core, the accessibility checker that the browser tests run inside the page: one script from the npm registry.

use std::path::PathBuf;

use anyhow::Result;

use super::npm::Package;

const PACKAGE: Package<'_> = Package {
    name: "axe-core",
    version: "4.11.0",
    integrity: "sha512-ilYanEU8vxxBexpJd8cWM4ElSQq4QctCLKih0TSfjIfCQTeyH/6zVrmIJfLPrKTKJRbiG+cfnZbQIjAlJmF1jQ==",
    files: &["axe.min.js", "LICENSE"],
};

/// Fetches the script if it is missing; returns its path, or none where there is no npm.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let home = PACKAGE.ensure()?;
    if home.is_none() {
        println!("There is no npm to fetch {} with: the accessibility check will be skipped", PACKAGE.name);
    }
    Ok(home.map(|home| home.join("axe.min.js")))
}
