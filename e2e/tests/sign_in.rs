//! The page of a stack with keys and an admin token: it shows nothing and sends nothing until somebody signs in.

use anyhow::{Context, Result, ensure};
use domain::{Kind, Route};
use e2e::fixture;
use e2e::visitor::Visitor;
use lab::run::stack::Config;

async fn give(visitor: &Visitor, token: &str) -> Result<()> {
    let field = visitor.see("[data-testid=sign-in] input").await?;
    field.clear().await?;
    field.send_keys(token).await?;
    visitor.see("[data-testid=sign-in] button").await?.click().await.context("no button")
}

#[tokio::test]
async fn the_page_asks_for_the_admin_token_and_then_shows_and_sends() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (keys, token) = (directory.path().join("keys.json"), directory.path().join("admin-token"));
    std::fs::write(&keys, r#"{"keys": []}"#).expect("a file");
    let change = |config: &mut Config| (config.keys_file, config.admin_token_file) = (Some(keys), Some(token.clone()));
    fixture::run_with("sign-in", change, async |stack, visitor| {
        visitor.driver.goto(stack.address()).await?;
        visitor.see("[data-testid=sign-in]").await?;
        ensure!(visitor.count("[data-testid=live-state][data-state=live]").await? == 0, "it shows nothing before");
        give(visitor, "a guess").await?;
        visitor.read("[data-testid=sign-in]", "This is not the admin token.").await?;
        let faults = visitor.looks("sign-in").await?;
        ensure!(faults.is_empty(), "{faults:#?}");
        give(visitor, &std::fs::read_to_string(&token)?).await?;
        visitor.see("[data-testid=live-state][data-state=live]").await?;
        ensure!(visitor.count("[data-testid=sign-in]").await? == 0, "the form is gone");
        let cookie = visitor.script("return document.cookie").await?;
        ensure!(cookie == "", "a script reads {cookie}");
        visitor.click("click-button").await?;
        for route in Route::ALL {
            visitor.see_delivery_status(Kind::ButtonClick, route, "processed").await?;
        }
        Ok(())
    })
    .await;
}
