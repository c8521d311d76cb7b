//! Three presses of F become a mail, by a real SMTP conversation, in the page's inbox.

use std::time::Duration;

use domain::api::faults::FaultRequest;
use domain::{Kind, Route, RouteChoice};
use e2e::scenario;

#[tokio::test]
async fn three_presses_become_a_mail() {
    scenario::run("mail", async |stage| {
        let visitor = &stage.visitor;
        visitor.open("/").await?;
        visitor.choose(RouteChoice::One(Route::Kafka)).await?;
        visitor.press("fff").await?;
        visitor.see_delivery_status(Kind::KeyPress, Route::Kafka, "processed").await?;
        visitor.see("[data-testid=finding]").await?;
        visitor.open("/inbox").await?;
        visitor.read("[data-testid=inbox-mail]", "Steady clicks from").await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn while_the_consumer_is_down_the_page_shows_it_and_nothing_is_lost() {
    scenario::run("consumer-down", async |stage| {
        let visitor = &stage.visitor;
        visitor.open("/").await?;
        visitor.choose(RouteChoice::All).await?;
        visitor.click("click-button").await?;
        visitor.see_delivery_status(Kind::ButtonClick, Route::Kafka, "processed").await?;
        stage.stack.faults().start(FaultRequest::new("kill", "consumer")).await?;
        visitor.see("[data-testid=trouble]").await?;
        visitor.click("order-create").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::HttpPush, "retry").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::HttpPoll, "accepted").await?;
        visitor.see_delivery_status(Kind::OrderCreated, Route::Kafka, "accepted").await?;
        stage.stack.faults().restore().await?;
        stage.stack.until_ready("consumer", Duration::from_secs(30)).await?;
        for route in Route::ALL {
            visitor.see_delivery_status(Kind::OrderCreated, route, "processed").await?;
        }
        Ok(())
    })
    .await;
}
