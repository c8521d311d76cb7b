//! The actions of a person on the page, and waiting for its content.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::{Kind, Route, RouteChoice};
use thirtyfour::prelude::*;

/// The time until the page must show something.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A person who uses the page.
pub struct Visitor {
    /// The browser.
    pub driver: WebDriver,
    address: String,
}

impl Visitor {
    /// A visitor of the product at `address`.
    pub fn new(driver: WebDriver, address: String) -> Self {
        Self { driver, address }
    }

    /// Opens a page by its path, and waits until it is connected.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.driver.goto(format!("{}{path}", self.address)).await?;
        self.see("[data-testid=live-state][data-state=live]").await.map(drop)
    }

    /// Waits until something matches the CSS selector.
    pub async fn see(&self, css: &str) -> Result<WebElement> {
        let query = self.driver.query(By::Css(css)).wait(TIMEOUT, Duration::from_millis(50));
        query.first().await.with_context(|| format!("the page never shows `{css}`"))
    }

    /// Waits until an element matches the selector and has `text` in it.
    pub async fn read(&self, css: &str, text: &str) -> Result<WebElement> {
        let wanted = text.to_owned();
        let has_text = move |element: WebElement| {
            let wanted = wanted.clone();
            async move { Ok(element.text().await.is_ok_and(|text| text.contains(&wanted))) }
        };
        let query = self.driver.query(By::Css(css)).wait(TIMEOUT, Duration::from_millis(50)).with_filter(has_text);
        query.first().await.with_context(|| format!("the page never shows `{css}` with `{text}`"))
    }

    /// Waits until exactly so many elements match the selector.
    pub async fn see_so_many(&self, css: &str, wanted: usize) -> Result<()> {
        let counted = async {
            while self.count(css).await? != wanted {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(())
        };
        let in_time = tokio::time::timeout(TIMEOUT, counted).await;
        in_time.with_context(|| format!("the page never shows `{css}` {wanted} times"))?
    }

    /// How many elements match the selector now.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.driver.find_all(By::Css(css)).await?.len())
    }

    /// Clicks the element with this test id.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        let element = self.see(&format!("[data-testid={test_id}]")).await?;
        element.scroll_into_view().await?;
        Ok(element.click().await?)
    }

    /// Chooses a route.
    pub async fn choose(&self, route: RouteChoice) -> Result<()> {
        self.click(&format!("route-{route}")).await?;
        self.see(&format!("[data-testid=route-{route}][data-chosen=true]")).await.map(drop)
    }

    /// Types keys with nothing focused.
    pub async fn press(&self, keys: &str) -> Result<()> {
        let body = self.driver.find(By::Tag("body")).await?;
        Ok(body.send_keys(keys).await?)
    }

    /// Types keys where the focus is.
    pub async fn type_on(&self, keys: &str) -> Result<()> {
        Ok(self.driver.active_element().await?.send_keys(keys).await?)
    }

    /// Types into the field and leaves it.
    pub async fn fill_in(&self, text: &str) -> Result<()> {
        let field = self.see("[data-testid=text-input]").await?;
        field.send_keys(text).await?;
        Ok(field.send_keys(Key::Enter + "").await?)
    }

    /// Follows the first link to this path, within the page.
    pub async fn follow(&self, path: &str) -> Result<()> {
        let link = self.see(&format!("a[href='{path}']")).await?;
        link.scroll_into_view().await?;
        Ok(link.click().await?)
    }

    /// Replaces the text of the field with this test id.
    pub async fn put(&self, test_id: &str, text: &str) -> Result<()> {
        let field = self.see(&format!("[data-testid={test_id}]")).await?;
        Ok(field.send_keys(Key::Control + "a" + Key::Null + text).await?)
    }

    /// The text of the field with this test id.
    pub async fn value(&self, test_id: &str) -> Result<String> {
        let field = self.see(&format!("[data-testid={test_id}]")).await?;
        Ok(field.value().await?.unwrap_or_default())
    }

    /// Waits until an event of this kind has this delivery status on the route.
    pub async fn see_delivery_status(&self, kind: Kind, route: Route, state: &str) -> Result<()> {
        self.see(&delivery(kind, route, state)).await.map(drop)
    }

    /// Waits until exactly `count` events of this kind are processed on every route.
    pub async fn see_processed(&self, kind: Kind, count: usize) -> Result<()> {
        for route in Route::ALL {
            self.see_so_many(&delivery(kind, route, "processed"), count).await?;
        }
        Ok(())
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Result<serde_json::Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }

    /// Sends JSON of this content type from the page to a path of the product.
    pub async fn send(&self, method: &str, path: &str, kind: &str, body: &serde_json::Value) -> Result<()> {
        let body = serde_json::to_string(&body.to_string())?;
        let request = format!("{{ method: '{method}', headers: {{ 'content-type': '{kind}' }}, body: {body} }}");
        let script =
            format!("return fetch('{path}', {request}).then(async answer => answer.ok ? 'ok' : await answer.text())");
        let answer = self.script(&script).await?;
        ensure!(answer == "ok", "{method} {path} is answered with {answer}");
        Ok(())
    }

    /// Keeps a picture of the window.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        std::fs::create_dir_all(file.parent().context("a file in a folder")?)?;
        Ok(self.driver.screenshot(file).await?)
    }
}

/// The selector of the deliveries of this kind of event in this state.
fn delivery(kind: Kind, route: Route, state: &str) -> String {
    format!("[data-testid=log-row][data-kind='{kind}'] [data-testid=delivery-{route}][data-state={state}]")
}
