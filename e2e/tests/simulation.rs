//! The simulator, started from the page and from a terminal.

use std::process::Stdio;

use domain::Route;
use e2e::fixture;
use lab::run::stack::Config;
use serde_json::json;
use tokio::process::Command;

#[tokio::test]
async fn started_and_stopped_from_the_page() {
    fixture::run("simulation", async |_, visitor| {
        visitor.open("/live").await?;
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
        let parameters = json!({ "rate": 42, "seconds": 77 });
        visitor.send("POST", "/api/simulation", "application/json", &parameters).await?;
        visitor.see("[data-testid=simulation][data-state=running]").await?;
        visitor.read("[data-testid=simulation-rate] option:checked", "42/s").await?;
        visitor.read("[data-testid=simulation-seconds] option:checked", "77 s").await?;
        visitor.click("simulation-toggle").await?;
        visitor.see("[data-testid=simulation][data-state=idle]").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_simulation_in_a_terminal_is_shown_with_its_rate_and_time_to_go() {
    fixture::run("simulation-in-a-terminal", async |stack, visitor| {
        visitor.open("/live").await?;
        visitor.see("[data-testid=simulation][data-state=idle]").await?;
        let flags = ["--rate", "42", "--route", "kafka", "--duration", "600"];
        let mut terminal = Command::new(Config::new("").programs.join("ese"));
        terminal.args(["simulate", "--target"]).arg(stack.address()).args(flags);
        let mut terminal = terminal.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let line = "[data-testid=simulation-announced]";
        for words in ["42/s over kafka", "events", "min to go"] {
            visitor.read(line, words).await?;
        }
        visitor.see("[data-testid=simulation][data-state=idle]").await?;
        terminal.kill().await?;
        visitor.see_so_many(line, 0).await
    })
    .await;
}
