//! One click, followed from a real browser to the consumer and back, over each route.

use anyhow::{Result, ensure};
use domain::{Kind, Route, RouteChoice};
use e2e::scenario::{self, Stage};

async fn a_click_comes_back(stage: &Stage, choice: RouteChoice) -> Result<()> {
    let visitor = &stage.visitor;
    visitor.open("/").await?;
    visitor.choose(choice).await?;
    visitor.click("click-button").await?;
    for &route in choice.routes() {
        visitor.see_delivery_status(Kind::ButtonClick, route, "processed").await?;
        visitor.read(&format!("[data-testid=count-{route}-processed]"), "1").await?;
    }
    let others = Route::ALL.into_iter().filter(|route| !choice.routes().contains(route));
    for route in others {
        let css = format!("[data-testid=delivery-{route}][data-state=processed]");
        ensure!(visitor.count(&css).await? == 0, "{route} was not chosen, but has an event");
    }
    Ok(())
}

#[tokio::test]
async fn http_push() {
    scenario::run("http-push", async |stage| a_click_comes_back(stage, RouteChoice::One(Route::HttpPush)).await).await;
}

#[tokio::test]
async fn http_poll() {
    scenario::run("http-poll", async |stage| a_click_comes_back(stage, RouteChoice::One(Route::HttpPoll)).await).await;
}

#[tokio::test]
async fn kafka() {
    scenario::run("kafka", async |stage| a_click_comes_back(stage, RouteChoice::One(Route::Kafka)).await).await;
}

#[tokio::test]
async fn all_routes_and_every_kind_of_event() {
    scenario::run("all", async |stage| {
        a_click_comes_back(stage, RouteChoice::All).await?;
        let visitor = &stage.visitor;
        visitor.fill_in("hello").await?;
        for step in ["order-create", "order-allocate", "order-start", "order-complete"] {
            visitor.click(step).await?;
        }
        visitor.press("f").await?;
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Navigation) {
            for route in Route::ALL {
                visitor.see_delivery_status(kind, route, "processed").await?;
            }
        }
        Ok(())
    })
    .await;
}
