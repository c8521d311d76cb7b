//! Comparisons from the page: the published one is there first; a scenario is run, looked at, and judged; another one is stopped.

use std::time::{Duration, Instant};

use anyhow::ensure;
use e2e::fixture;

/// How long three short runs may take on a busy machine, each made again if it is void.
const RUNS: Duration = Duration::from_secs(240);

#[tokio::test]
async fn the_published_comparison_is_there_before_any_run() {
    fixture::run("compare-published", async |_, visitor| {
        visitor.open("/compare").await?;
        visitor.read("[data-testid=published]", "Published: ").await?;
        visitor.see("[data-testid=answers] li").await?;
        visitor.see("[data-testid=quick].primary:enabled").await?;
        visitor.see(".fold[open] .decision tbody a").await?;
        visitor.see_so_many(".scenarios .fold[open] .card", 6).await?;
        let mut found = visitor.looks("compare-published").await?;

        // Decision and scenarios are folded on a phone.
        visitor.look("light", 390).await?;
        visitor.see_so_many(".fold[open]", 0).await?;
        visitor.is_short("Compare").await?;
        visitor.look("light", 1440).await?;

        // The table leads to a scenario without a new page.
        visitor.script("window.isSame = true").await?;
        visitor.see(".fold[open] .decision tbody a").await?.click().await?;
        visitor.see("[data-testid^=outcome-][open] figure.timeline").await?;
        ensure!(visitor.script("return window.isSame === true").await? == true, "the link opened a new page");

        // Closed and opened again, it has its curves without another request.
        for state in [":not([open])", "[open] figure.timeline"] {
            visitor.script("document.querySelector('[data-testid^=outcome-] summary').click()").await?;
            visitor.see(&format!("[data-testid^=outcome-]{state}")).await?;
        }
        let requests = "return performance.getEntriesByName(`${location.origin}/api/compare/results`).length";
        ensure!(visitor.script(requests).await? == 1, "the results were requested again");
        found.extend(visitor.looks("compare-published-one").await?);
        ensure!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_scenario_is_run_from_the_page_and_another_one_is_stopped() {
    fixture::run("compare", async |_, visitor| {
        visitor.open("/compare").await?;
        visitor.read("[data-testid=answer]", "Plain HTTP, or Kafka?").await?;
        visitor.see("[data-testid=run-cold-start]:enabled").await?;
        let mut found = visitor.looks("compare-idle").await?;

        visitor.click("run-cold-start").await?;
        visitor.read("[data-testid=present]", "Cold start over").await?;
        // One at a time.
        visitor.see("[data-testid=run-quiet]:disabled").await?;
        visitor.see("[data-testid=running] figure.timeline").await?;
        found.extend(visitor.looks("compare-running").await?);
        let began = Instant::now();
        while visitor.count("[data-testid=outcome-cold-start]").await? == 0 {
            ensure!(began.elapsed() < RUNS, "the comparison does not end");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        visitor.see("[data-testid=running][hidden]").await?;
        visitor.see("[data-testid=published]:empty").await?;
        visitor.see_so_many(".decision", 0).await?;
        visitor.read("[data-testid=outcome-cold-start] .values", "Start to first event").await?;
        visitor.read("[data-testid=outcome-cold-start] .hint", "One run of each route decides nothing").await?;
        // Another program that takes the processor voids a run: the test cannot choose which of the two is shown.
        visitor.see("[data-testid=outcome-cold-start] :is(figure.timeline, [data-testid=void])").await?;
        found.extend(visitor.looks("compare-last").await?);
        let report = "return fetch('/api/compare/report').then(answer => answer.text())";
        let report = visitor.script(report).await?;
        ensure!(report.as_str().is_some_and(|page| page.contains("scenario-cold-start")), "no report: {report}");

        // The scenario alone, at an address of its own.
        visitor.follow("/compare/cold-start").await?;
        visitor.read("[data-testid=answer]", "Nothing runs yet").await?;
        visitor.see("[data-testid=outcome-cold-start][open]").await?;
        visitor.see_so_many(".scenarios .card", 1).await?;
        found.extend(visitor.looks("compare-one").await?);
        visitor.follow("/compare").await?;

        visitor.click("run-steady").await?;
        visitor.read("[data-testid=present]", "Steady over").await?;
        visitor.click("stop").await?;
        visitor.see("[data-testid=running][hidden]").await?;
        visitor.see("[data-testid=run-steady]:enabled").await?;
        ensure!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await;
}
