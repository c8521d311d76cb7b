//! The Live page: passing events appear on every lane, a dead part is shown as down, and the page is short on a phone.

use std::time::Duration;

use anyhow::{Result, ensure};
use domain::api::faults::FaultRequest;
use domain::{Kind, Route};
use e2e::fixture;
use e2e::visitor::Visitor;

/// Sends an event every 50 ms from the page, as a numbered session, over all routes.
const SEND: &str = r#"
    const session = crypto.randomUUID();
    let sequence = 0;
    setInterval(() => fetch("/api/events?route=all", {
        method: "POST",
        headers: { "content-type": "application/cloudevents+json" },
        body: JSON.stringify({
            specversion: "1.0", id: crypto.randomUUID(), source: `/sessions/${session}`, sequence: String(++sequence),
            type: "ese.click-stream.button-click", time: new Date().toISOString(), data: {},
        }),
    }).catch(() => {}), 50);
"#;

/// Fails if the page is longer than a few screens of a phone, where its details are folded.
async fn is_short_on_a_phone(visitor: &Visitor) -> Result<()> {
    visitor.look("light", 390).await?;
    visitor.see_so_many(".live .fold:not([open])", 4).await?;
    visitor.is_short("Live").await?;
    visitor.look("light", 1440).await?;
    visitor.see_so_many(".live .fold[open]", 4).await
}

#[tokio::test]
async fn passing_events_and_a_dead_part_are_shown() {
    fixture::run("live", async |stack, visitor| {
        visitor.open("/live").await?;
        visitor.read("h1", "Nothing is moving").await?;
        visitor.see("[data-testid=part-consumer][data-health=up]").await?;
        visitor.see("[data-testid=part-broker][data-health=up]").await?;

        visitor.script(SEND).await?;
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=count-{route}-processed][data-zero=false]")).await?;
            visitor.see(&format!("[data-testid=rate-{route}][data-moving=true]")).await?;
            visitor.see(&format!("[data-testid=lane-{route}][data-state=flowing]")).await?;
            visitor.see(&format!(".labels [data-route={route}]")).await?;
        }
        visitor.see("[data-testid=partition]").await?;
        visitor.read("h1", "ms").await?;
        is_short_on_a_phone(visitor).await?;

        stack.faults().start(FaultRequest::new("kill", "consumer")).await?;
        visitor.read("[data-testid=part-consumer][data-health=down]", "down: killed").await?;
        visitor.read("h1", "The consumer is down").await?;
        let lines = visitor.count("[data-testid=trouble][data-severity=down]").await?;
        ensure!(lines == 0, "a line of trouble repeats the headline");
        visitor.see("[data-testid=part-backend][data-health=up]").await?;
        visitor.see("[data-testid=lane-http-push][data-state=held]").await?;
        for route in [Route::HttpPoll, Route::Kafka] {
            visitor.see(&format!("[data-testid=lane-{route}][data-state=behind]")).await?;
            visitor.see(&format!("[data-testid=rate-{route}][data-moving=false]")).await?;
        }

        stack.faults().restore().await?;
        stack.until_ready("consumer", Duration::from_secs(30)).await?;
        visitor.see("[data-testid=part-consumer][data-health=up]").await?;
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=rate-{route}][data-moving=true]")).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_counts_can_begin_when_the_page_was_opened() {
    fixture::run("live-counts", async |_, visitor| {
        visitor.open("/").await?;
        visitor.press("ff").await?;
        visitor.see_processed(Kind::KeyPress, 2).await?;
        // A page of its own.
        visitor.open("/live").await?;
        let steps = [("all", "", "2"), ("opened", "", "0"), ("opened", "f", "1"), ("all", "", "3")];
        for (choice, keys, number) in steps {
            visitor.click(&format!("period-{choice}")).await?;
            if !keys.is_empty() {
                visitor.press(keys).await?;
            }
            for route in Route::ALL {
                for term in ["emitted", "processed"] {
                    visitor.read(&format!("[data-testid=count-{route}-{term}]"), number).await?;
                }
                visitor.read(&format!("[data-testid=count-{route}-residual]"), "0").await?;
            }
        }
        Ok(())
    })
    .await;
}
