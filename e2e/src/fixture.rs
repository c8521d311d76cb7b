//! Starts a stack and a browser for a scenario, and stops them in any case.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use lab::experiments::page_api;
use lab::run::front::Page;
use lab::run::stack::{Config, Stack};

use crate::browser::Browser;
use crate::visitor::Visitor;

/// Runs `scenario` with a stack and a visitor of its own; a screenshot of the page at its end is kept.
pub async fn run(name: &str, scenario: impl AsyncFnOnce(&Stack, &Visitor) -> Result<()>) {
    run_with(name, |_| (), scenario).await;
}

/// The same on a stack whose configuration is changed first.
pub async fn run_with(
    name: &str,
    change: impl FnOnce(&mut Config),
    scenario: impl AsyncFnOnce(&Stack, &Visitor) -> Result<()>,
) {
    if let Err(error) = try_run(name, change, scenario).await {
        panic!("{name}: {error:?}");
    }
}

async fn try_run(
    name: &str,
    change: impl FnOnce(&mut Config),
    scenario: impl AsyncFnOnce(&Stack, &Visitor) -> Result<()>,
) -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut config = Config::new(data.path());
    config.page = Page::Dist(dist());
    config.faults = true;
    config.more_routes = Arc::new(|front, work| page_api::routes(front, work, None));
    change(&mut config);
    let stack = Stack::start(config).await.context("the stack does not start")?;
    let browser = match Browser::start(1280, 1000).await {
        Ok(browser) => browser,
        Err(error) => {
            stack.stop().await;
            return Err(error);
        }
    };
    let visitor = Visitor::new(browser.driver.clone(), stack.address());
    let result = AssertUnwindSafe(scenario(&stack, &visitor)).catch_unwind().await;
    let picture = pictures().join(format!("{name}.png"));
    match visitor.screenshot(&picture).await {
        Ok(()) => eprintln!("{name}: the page looked like {}", picture.display()),
        Err(error) => eprintln!("{name}: there is no screenshot: {error}"),
    }
    browser.end().await;
    stack.stop().await;
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The page as `cargo xtask page` builds it.
pub fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("dist")
}

/// Where screenshots are kept.
pub fn pictures() -> PathBuf {
    let programs = std::env::current_exe().unwrap_or_default();
    let target =
        programs.ancestors().find(|folder| folder.ends_with("target")).map_or_else(std::env::temp_dir, Path::to_owned);
    target.join("pictures")
}
