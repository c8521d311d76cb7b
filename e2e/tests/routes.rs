//! One click, followed from a real browser to the consumer and back, over each route.

use std::time::Duration;

use anyhow::{Result, ensure};
use domain::api::faults::FaultRequest;
use domain::{Kind, Route, RouteChoice};
use e2e::fixture;
use e2e::visitor::Visitor;

async fn a_click_comes_back(visitor: &Visitor, choice: RouteChoice) -> Result<()> {
    visitor.open("/").await?;
    visitor.choose(choice).await?;
    visitor.click("ledger-open").await?;
    visitor.click("click-button").await?;
    for &route in choice.routes() {
        visitor.see_delivery_status(Kind::ButtonClick, route, "processed").await?;
        visitor.read(&format!("[data-testid=count-{route}-processed]"), "1").await?;
    }
    let others = Route::ALL.into_iter().filter(|route| !choice.routes().contains(route));
    for route in others {
        let css = format!("[data-testid=delivery-{route}][data-state=processed]");
        ensure!(visitor.count(&css).await? == 0, "{route} was not chosen, but has an event");
        visitor.read(&format!("[data-testid=log-row] [data-route={route}]"), "not sent").await?;
    }
    Ok(())
}

#[tokio::test]
async fn http_push() {
    fixture::run("http-push", async |_, visitor| a_click_comes_back(visitor, RouteChoice::One(Route::HttpPush)).await)
        .await;
}

#[tokio::test]
async fn http_poll() {
    fixture::run("http-poll", async |_, visitor| a_click_comes_back(visitor, RouteChoice::One(Route::HttpPoll)).await)
        .await;
}

#[tokio::test]
async fn kafka() {
    fixture::run("kafka", async |_, visitor| a_click_comes_back(visitor, RouteChoice::One(Route::Kafka)).await).await;
}

#[tokio::test]
async fn all_routes_and_every_kind_of_event() {
    fixture::run("all", async |_, visitor| {
        a_click_comes_back(visitor, RouteChoice::All).await?;
        visitor.fill_in("hello").await?;
        for step in ["order-create", "order-allocate", "order-start", "order-complete"] {
            visitor.click(step).await?;
        }
        visitor.press("f").await?;
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Navigation) {
            visitor.see_processed(kind, 1).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn while_the_consumer_is_down_the_page_shows_it_and_nothing_is_lost() {
    fixture::run("consumer-down", async |stack, visitor| {
        visitor.open("/").await?;
        visitor.choose(RouteChoice::All).await?;
        visitor.click("click-button").await?;
        visitor.see_delivery_status(Kind::ButtonClick, Route::Kafka, "processed").await?;
        stack.faults().start(FaultRequest::new("kill", "consumer")).await?;
        visitor.see("[data-testid=trouble]").await?;
        visitor.click("order-create").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::HttpPush, "retry").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::HttpPoll, "accepted").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::Kafka, "accepted").await?;
        stack.faults().restore().await?;
        stack.until_ready("consumer", Duration::from_secs(30)).await?;
        visitor.see_processed(Kind::OrderCreated, 1).await
    })
    .await;
}
