//! A visitor in a real browser, while containers die.

use anyhow::{Context, Result};
use domain::{Kind, Route, RouteChoice};
use e2e::browser::Browser;
use e2e::fixture::pictures;
use e2e::visitor::Visitor;

use crate::{ADDRESS, CONSUMER, INGEST, docker, variable};

#[tokio::test]
#[ignore = "needs the containers; `cargo xtask compose-test` starts them and runs it"]
async fn clicks_come_back_and_containers_recover() -> Result<()> {
    let browser = Browser::start(1280, 1000).await?;
    let visitor = Visitor::new(browser.driver.clone(), variable(ADDRESS)?);
    let result = visit(&visitor).await;
    let picture = pictures().join("compose.png");
    visitor.screenshot(&picture).await?;
    eprintln!("the page looked like {}", picture.display());
    browser.end().await;
    result
}

async fn visit(visitor: &Visitor) -> Result<()> {
    let [ingest, consumer] = [variable(INGEST)?, variable(CONSUMER)?];
    visitor.open("/").await?;
    visitor.choose(RouteChoice::All).await?;
    visitor.click("click-button").await?;
    visitor.see_processed(Kind::ButtonClick, 1).await?;
    for step in ["order-create", "order-allocate", "order-start", "order-complete"] {
        visitor.click(step).await?;
    }
    visitor.see_processed(Kind::OrderCompleted, 1).await?;
    visitor.press("fff").await?;
    visitor.see_processed(Kind::KeyPress, 3).await?;

    // One backend is gone: HAProxy sends the events to the other.
    docker("kill", &ingest)?;
    visitor.fill_in("hello").await?;
    visitor.see_processed(Kind::InputPassed, 1).await?;
    docker("start", &ingest)?;

    // The consumer is gone: http-push asks for a retry, the other two keep the accepted events.
    docker("kill", &consumer)?;
    visitor.see("[data-testid=trouble]").await?;
    visitor.click("order-create").await?;
    for (route, state) in [(Route::HttpPush, "retry"), (Route::HttpPoll, "accepted"), (Route::Kafka, "accepted")] {
        let seen = visitor.see_delivery_status(Kind::OrderCreated, route, state).await;
        seen.with_context(|| format!("{route} while the consumer is gone"))?;
    }
    docker("start", &consumer)?;
    visitor.see_processed(Kind::OrderCreated, 2).await?;

    visitor.screenshot(&pictures().join("compose-play.png")).await?;
    visitor.open("/inbox").await?;
    visitor.read("[data-testid=inbox-mail]", "Steady clicks from").await.map(drop)
}
