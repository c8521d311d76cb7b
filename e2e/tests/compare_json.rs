//! The tracker's reader of JSON and serde_json read the same, in a real browser.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, ensure};
use axum::Router;
use e2e::browser::Browser;
use tokio::time::{Instant, sleep};
use tower_http::services::ServeDir;

/// How many texts both read, unless `ESE_FUZZ_CASES` says it.
const TEXTS: &str = "20000";

#[tokio::test]
async fn both_readers_of_json_agree() -> Result<()> {
    let Some(dist) = std::env::var_os("ESE_TEST_COMPARE_JSON") else {
        // Not `eprintln!`: the test harness would capture it.
        let skipped =
            "SKIPPED: the readers of JSON are compared by `cargo xtask test`, which builds what this test needs\n";
        drop(std::io::stderr().write_all(skipped.as_bytes()));
        return Ok(());
    };
    let texts = std::env::var("ESE_FUZZ_CASES").unwrap_or_else(|_| TEXTS.to_owned());
    let url = runtime::testing::serve(Router::new().fallback_service(ServeDir::new(dist))).await;
    let browser = Browser::start(800, 600).await?;
    let outcome = outcome(&browser, &format!("{url}/#{texts}")).await;
    browser.end().await;
    let outcome = outcome?;
    eprintln!("{outcome}");
    ensure!(outcome.starts_with(&format!("{texts} texts, ")) && outcome.ends_with("no difference"), "{outcome}");
    Ok(())
}

/// The title that the page has when it has compared all.
async fn outcome(browser: &Browser, url: &str) -> Result<String> {
    browser.driver.goto(url).await?;
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let title = browser.driver.title().await?;
        if title != "comparing" {
            return Ok(title);
        }
        ensure!(Instant::now() < deadline, "the comparison comes to no end");
        sleep(Duration::from_millis(50)).await;
    }
}
