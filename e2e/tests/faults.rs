//! Faults from the Live page: started, marked, and ended by mouse and by keyboard alone; the queue behind them grows and drains.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use domain::{Guarantee, Route};
use e2e::fixture;
use e2e::visitor::Visitor;
use serde_json::json;

const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

/// Opens the faults of a part or a connection, and starts or ends one.
async fn toggle(visitor: &Visitor, target: &str, kind: &str) -> Result<()> {
    visitor.click(&format!("breaker-{target}")).await?;
    visitor.click(&format!("toggle-{kind}")).await
}

/// Closes the panel by Escape; the focus is on its button again.
async fn close(visitor: &Visitor, target: &str) -> Result<()> {
    visitor.type_on(ESCAPE).await?;
    visitor.see("[data-testid=fault-panel]:not([open])").await?;
    focus_is_on(visitor, &format!("breaker-{target}")).await
}

async fn focus_is_on(visitor: &Visitor, test_id: &str) -> Result<()> {
    visitor.see(&format!("[data-testid={test_id}]:focus")).await.map(drop)
}

/// Chooses this guarantee for the route, as a visitor does.
async fn choose(visitor: &Visitor, route: Route, guarantee: Guarantee) -> Result<()> {
    let option = format!("[data-testid=guarantee-{route}] option[value={guarantee}]");
    visitor.see(&option).await?.click().await?;
    visitor.read(&format!("[data-testid=expect-{route}]"), guarantee.expectation()).await.map(drop)
}

#[tokio::test]
async fn a_guarantee_is_chosen_from_the_page() {
    fixture::run("guarantees", async |_, visitor| {
        visitor.open("/live").await?;
        choose(visitor, Route::Kafka, Guarantee::AtMostOnce).await?;
        visitor.see("[data-route=kafka][data-weaker=true]").await?;
        visitor.read("[data-testid=words-kafka]", "At most once").await?;
        let view = visitor.script("return fetch('/api/guarantee').then(answer => answer.json())").await?;
        ensure!(view["routes"]["kafka"] == "at-most-once", "only the page has changed: {view}");
        let found = visitor.looks("guarantees").await?;
        ensure!(found.is_empty(), "{}", found.join("\n"));
        choose(visitor, Route::Kafka, Guarantee::EffectivelyOnce).await?;
        visitor.see("[data-route=kafka][data-weaker=false]").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn faults_are_started_marked_and_ended_from_the_page() {
    fixture::run("faults", async |_, visitor| {
        visitor.open("/live").await?;
        visitor.read("[data-testid=fault-bar]", "No fault is active").await?;
        let mut found = visitor.looks("faults-idle").await?;
        // Five minutes of simulated clients.
        let parameters = json!({ "rate": 100, "seconds": 300 });
        visitor.send("POST", "/api/simulation", "application/json", &parameters).await?;
        visitor.see("[data-testid=rate-kafka][data-moving=true]").await?;

        // A number out of bounds is refused where it was typed.
        visitor.click("breaker-backend-consumer").await?;
        visitor.put("latency-latency_ms", "0").await?;
        visitor.click("toggle-latency").await?;
        visitor.read("[data-testid=fault-latency] .wrong", "must be a whole number from 1 to").await?;
        visitor.see("[data-testid=latency-latency_ms][aria-invalid=true]").await?;
        visitor.put("latency-latency_ms", "150").await?;
        visitor.click("toggle-latency").await?;
        visitor.see("[data-testid=fault-latency][data-active=true]").await?;
        close(visitor, "backend-consumer").await?;
        visitor.read("[data-testid=mark-backend-consumer]", "delayed").await?;

        toggle(visitor, "consumer", "slow-events").await?;
        visitor.read("[data-testid=times-slow-events]", "until you end it").await?;
        visitor.click("toggle-slow-events").await?;
        visitor.see("[data-testid=fault-slow-events][data-active=false]").await?;
        // So slow that the queues, later, drain over some seconds.
        visitor.put("slow-events-event_ms", "2").await?;
        visitor.click("toggle-slow-events").await?;
        visitor.see("[data-testid=fault-slow-events][data-active=true]").await?;
        close(visitor, "consumer").await?;

        toggle(visitor, "inbox", "mail-later").await?;
        visitor.see("[data-testid=fault-mail-later][data-active=true]").await?;
        close(visitor, "inbox").await?;
        visitor.read("[data-testid=mark-inbox]", "mails put off").await?;

        // Behind a paused consumer the queues grow; their numbers come from the backend.
        toggle(visitor, "consumer", "pause").await?;
        visitor.see("[data-testid=fault-pause][data-active=true]").await?;
        close(visitor, "consumer").await?;
        visitor.read("[data-testid=mark-consumer]", "paused").await?;
        visitor.read(".pipeline .back", "the live stream is interrupted").await?;
        for (route, place) in [("http-poll", "in the store"), ("kafka", "in the log")] {
            let queue = format!("[data-testid=queue-{route}][data-trend=growing][data-estimated=true]");
            visitor.read(&queue, place).await?;
            visitor.read(&queue, "growing +").await?;
        }
        visitor.read("[data-testid=queue-http-poll]", "the oldest expires in").await?;
        visitor.read("[data-testid=queue-http-push][data-trend=growing]", "at the senders · growing +").await?;
        found.extend(visitor.looks("faults-active").await?);
        visitor.click("breaker-consumer").await?;
        visitor.see("[data-testid=fault-pause][data-active=true]").await?;
        found.extend(visitor.looks("faults-panel").await?);
        visitor.click("toggle-pause").await?;
        visitor.see("[data-testid=fault-pause][data-active=false]").await?;
        close(visitor, "consumer").await?;
        visitor.read("[data-testid=queue-kafka][data-trend=draining]", "to go").await?;

        visitor.click("restore").await?;
        visitor.see("[data-testid=fault-bar][data-active=false]").await?;
        visitor.see("[data-testid=breaker-consumer][data-active=false]").await?;
        visitor.read("[data-testid=queue-kafka][data-estimated=false]:not([data-trend=draining])", "").await?;
        ensure!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_cut_cable_of_the_consumer_is_no_backend_that_is_down() {
    fixture::run("faults-cable", async |_, visitor| {
        visitor.open("/live").await?;
        toggle(visitor, "consumer-backend", "cut").await?;
        close(visitor, "consumer-backend").await?;
        visitor.read("[data-testid=headline]", "The consumer does not reach the backend").await?;
        visitor.click("restore").await?;
        visitor.read("[data-testid=headline]", "Nothing is moving").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_fault_with_a_duration_ends_by_itself() {
    fixture::run("faults-duration", async |_, visitor| {
        visitor.open("/live").await?;
        visitor.click("breaker-consumer").await?;
        visitor.see("[data-testid=fault-seconds] option[value='10']").await?.click().await?;
        visitor.click("toggle-pause").await?;
        visitor.read("[data-testid=times-pause]", "ends by itself in").await?;
        close(visitor, "consumer").await?;
        visitor.see("[data-testid=breaker-consumer][data-active=true]").await?;
        // Nobody ends it.
        visitor.see("[data-testid=breaker-consumer][data-active=false]").await?;
        visitor.read("[data-testid=fault-bar][data-active=false]", "No fault is active").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_stack_without_faults_has_no_button_for_any() {
    fixture::run_with(
        "faults-off",
        |config| config.faults = false,
        async |_, visitor| {
            visitor.open("/live").await?;
            visitor.read("[data-testid=fault-bar]", "this server offers no faults").await?;
            ensure!(visitor.count(".breaker").await? == 0, "there is a button for a fault");
            let status = visitor.script("return fetch('/api/faults').then(answer => answer.status)").await?;
            ensure!(status == 404, "the faults answer {status}");
            Ok(())
        },
    )
    .await;
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    fixture::run("faults-keyboard", async |_, visitor| {
        visitor.open("/live").await?;
        visitor.see("[data-testid=breaker-inbox]").await?;
        // Tab alone reaches every part and connection.
        let mut reached = BTreeSet::new();
        for _ in 0..40 {
            visitor.type_on(TAB).await?;
            let here = visitor.script("return document.activeElement.dataset.testid ?? ''").await?;
            reached.extend(here.as_str().filter(|here| here.starts_with("breaker-")).map(str::to_owned));
        }
        ensure!(reached.len() == 12, "Tab reaches {reached:?}");

        visitor.script("document.querySelector('[data-testid=breaker-mailer]').focus()").await?;
        visitor.type_on(ENTER).await?;
        visitor.see("[data-testid=fault-panel][open]").await?;
        for _ in 0..10 {
            visitor.type_on(TAB).await?;
            let here = visitor.script("return document.activeElement.dataset.testid ?? ''").await?;
            if here == "toggle-pause" {
                break;
            }
        }
        focus_is_on(visitor, "toggle-pause").await?;
        visitor.type_on(ENTER).await?;
        visitor.see("[data-testid=fault-pause][data-active=true]").await?;
        focus_is_on(visitor, "toggle-pause").await?;
        close(visitor, "mailer").await?;
        let label = visitor.see("[data-testid=breaker-mailer]").await?.attr("aria-label").await?.unwrap_or_default();
        ensure!(label.contains("paused"), "the label is {label}");
        visitor.script("document.querySelector('[data-testid=restore]').focus()").await?;
        visitor.type_on(ENTER).await?;
        visitor.see("[data-testid=fault-bar][data-active=false]").await.map(drop)
    })
    .await;
}
