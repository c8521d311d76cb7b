//! The simulator, started and stopped from the page.

use domain::Route;
use e2e::scenario;

const ELSEWHERE: &str = "fetch('/api/simulation', { method: 'POST',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rate: 42, seconds: 77 }) })";

#[tokio::test]
async fn started_and_stopped_from_the_page() {
    scenario::run("simulation", async |_, visitor| {
        visitor.open("/").await?;
        visitor.see("[data-testid=simulation-rate] option[value='300']").await?.click().await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=running]").await?;
        visitor.read("[data-testid=simulation-toggle]", "Stop").await?;
        // Events come back on every route before the simulation ends.
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=count-{route}-processed][data-zero=false]")).await?;
        }
        visitor.read("[data-testid=simulation-outcome]", "events").await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=idle]").await?;
        visitor.read("[data-testid=simulation-outcome]", "all in the ledger").await?;

        // A simulation from elsewhere is shown with its parameters, even if the form does not offer them.
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
