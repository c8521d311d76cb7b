//! The page in light and dark, narrow and wide: pictures of all of it, and axe-core's check of its accessibility.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::fixture;
use crate::visitor::Visitor;

/// Every look a page is checked in: the colour scheme, and the width of the window in CSS pixels.
pub const LOOKS: [(&str, u32); 4] = [("light", 1440), ("light", 360), ("dark", 1440), ("dark", 360)];

/// The tallest picture, in CSS pixels.
const TALLEST: u64 = 6000;

/// The longest page on a phone, in CSS pixels: a few screens.
const LONGEST: u64 = 3500;

/// The rules of the standard that the page has to keep.
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

impl Visitor {
    /// Looks at the page in one of [`LOOKS`].
    pub async fn look(&self, scheme: &str, width: u32) -> Result<()> {
        // Without transitions, so that no colour is measured on its way to another.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }
        ]);
        let cdp = self.driver.cdp();
        cdp.send_raw("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        self.resize(width, 900).await
    }

    /// Looks at the page in every one of [`LOOKS`], keeps the pictures under `name`, and returns the faults. The window is wide
    /// and light again afterwards.
    pub async fn looks(&self, name: &str) -> Result<Vec<String>> {
        let axe = Axe::find()?;
        let mut faults = Vec::new();
        for (scheme, width) in LOOKS {
            self.look(scheme, width).await?;
            let file = fixture::pictures().join(format!("{name}-{scheme}-{width}.png"));
            if self.picture(&file, width).await? {
                faults.push(format!("{name}, {scheme}, {width}: wider than the window"));
            }
            if let Some(axe) = &axe {
                let found = self.faults(axe).await?;
                faults.extend(found.into_iter().map(|fault| format!("{name}, {scheme}, {width}: {fault}")));
            }
        }
        self.look("light", 1440).await?;
        Ok(faults)
    }

    /// Fails if the page is longer than a few screens of a phone.
    pub async fn is_short(&self, page: &str) -> Result<()> {
        let height = self.script("return document.documentElement.scrollHeight").await?.as_u64();
        ensure!(height.is_some_and(|height| height <= LONGEST), "{page} is {height:?} pixels long");
        Ok(())
    }

    async fn resize(&self, width: u32, height: u64) -> Result<()> {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        Ok(())
    }

    /// Keeps a picture of the whole page, however long it is, and returns whether it is wider than its window.
    pub async fn picture(&self, file: &Path, width: u32) -> Result<bool> {
        let size =
            self.script("const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]").await?;
        self.resize(width, size[1].as_u64().unwrap_or_default().clamp(900, TALLEST)).await?;
        self.screenshot(file).await?;
        self.resize(width, 900).await?;
        Ok(size[0].as_u64() > Some(u64::from(width)))
    }

    /// The faults that axe-core finds in the present page: a line for each rule and element.
    pub async fn faults(&self, axe: &Axe) -> Result<Vec<String>> {
        self.driver.execute(&axe.script, Vec::new()).await?;
        let check = "const [tags, done] = arguments;
            axe.run(document, { runOnly: { type: 'tag', values: tags } })
                .then(result => done(result.violations), error => done([{ id: String(error), nodes: [{}] }]))";
        let found = self.driver.execute_async(check, vec![json!(TAGS)]).await?.json().clone();
        let violations = found.as_array().context("axe-core did not answer with a list")?;
        Ok(violations.iter().flat_map(lines).collect())
    }
}

fn lines(violation: &Value) -> Vec<String> {
    let rule = violation["id"].as_str().unwrap_or_default();
    let nodes = violation["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    nodes.iter().map(|node| format!("{rule}: {} {}", node["target"], node["failureSummary"])).collect()
}

/// The accessibility checker.
pub struct Axe {
    script: String,
}

impl Axe {
    /// The script that `cargo xtask test` has set up; none, with a loud message, where it has not.
    pub fn find() -> Result<Option<Self>> {
        let Some(path) = std::env::var_os("ESE_TEST_AXE").map(PathBuf::from) else {
            // Straight to the terminal: the test harness hides what a passing test prints by macro.
            let why = "ESE_TEST_AXE names no axe.min.js; `cargo xtask test` sets it";
            writeln!(std::io::stderr(), "\n*** SKIPPED: the accessibility check. {why}.\n")?;
            return Ok(None);
        };
        let script = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(Self { script }))
    }
}
