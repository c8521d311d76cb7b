//! The simulator, started and stopped from the page.

use domain::Route;
use e2e::scenario;

const ELSEWHERE: &str = "fetch('/api/simulation', { method: 'POST',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rate: 42, seconds: 77 }) })";

#[tokio::test]
async fn started_and_stopped_from_the_page() {
    scenario::run("simulation", async |stage| {
        let visitor = &stage.visitor;
        visitor.open("/").await?;
        visitor.see("[data-testid=simulation-rate] option[value='300']").await?.click().await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=running]").await?;
        visitor.read("[data-testid=simulation-toggle]", "Stop").await?;
        // Some of it comes back on every route before it is over.
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=count-{route}-processed][data-zero=false]")).await?;
        }
        visitor.read("[data-testid=simulation-outcome]", "events").await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=idle]").await?;
        visitor.read("[data-testid=simulation-outcome]", "all in the ledger").await?;

        // What was started elsewhere is shown as it is, though the form does not offer it.
        visitor.script(ELSEWHERE).await?;
        visitor.see("[data-testid=simulation][data-state=running]").await?;
        visitor.read("[data-testid=simulation-rate] option:checked", "42/s").await?;
        visitor.read("[data-testid=simulation-seconds] option:checked", "77 s").await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=idle]").await?;
        Ok(())
    })
    .await;
}
