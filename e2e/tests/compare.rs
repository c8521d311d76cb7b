//! Comparisons from the page: a scenario is run, looked at, and judged; another one is stopped.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::look::Axe;
use e2e::scenario;
use e2e::visitor::Visitor;

/// The looks of the pictures that are kept: the colour scheme, and the width of the window in CSS pixels.
const LOOKS: [(&str, u32); 4] = [("light", 1440), ("light", 390), ("dark", 1440), ("dark", 390)];
/// How long three short runs may take on a busy machine, each made again if it is void.
const RUNS: Duration = Duration::from_secs(240);

/// Pictures of the page in every look, and the faults that axe-core finds.
async fn looks(visitor: &Visitor, axe: Option<&Axe>, name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (scheme, width) in LOOKS {
        visitor.look(scheme, width).await?;
        if visitor.picture(&scenario::pictures().join(format!("{name}-{scheme}-{width}.png")), width).await? {
            found.push(format!("{name}, {scheme}, {width}: wider than the window"));
        }
        if let Some(axe) = axe {
            let faults = visitor.faults(axe).await?;
            found.extend(faults.into_iter().map(|fault| format!("{name}, {scheme}, {width}: {fault}")));
        }
    }
    visitor.look("light", 1440).await?;
    Ok(found)
}

#[tokio::test]
async fn a_scenario_is_run_from_the_page_and_another_one_is_stopped() {
    scenario::run("compare", async |_, visitor| {
        let axe = Axe::find()?;
        visitor.open("/compare").await?;
        visitor.read("[data-testid=answer]", "Plain HTTP, or Kafka?").await?;
        visitor.see("[data-testid=run-cold-start]:enabled").await?;
        let mut found = looks(visitor, axe.as_ref(), "compare-idle").await?;

        visitor.click("run-cold-start").await?;
        visitor.read("[data-testid=present]", "Cold start over").await?;
        // One at a time.
        visitor.see("[data-testid=run-quiet]:disabled").await?;
        visitor.see("[data-testid=running] figure.timeline").await?;
        found.extend(looks(visitor, axe.as_ref(), "compare-running").await?);
        let began = Instant::now();
        while visitor.count("[data-testid=last]").await? == 0 {
            ensure!(began.elapsed() < RUNS, "the comparison does not end");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        visitor.see("[data-testid=running][hidden]").await?;
        visitor.see("[data-testid=outcome-cold-start] summary").await?.click().await?;
        // Runs on a busy machine are void, and said to be.
        visitor.see("[data-testid=outcome-cold-start] :is(figure.timeline, [data-testid=void])").await?;
        found.extend(looks(visitor, axe.as_ref(), "compare-last").await?);
        let report = "return fetch('/api/compare/report').then(answer => answer.text())";
        let report = visitor.script(report).await?;
        ensure!(report.as_str().is_some_and(|page| page.contains("scenario-cold-start")), "no report: {report}");

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
