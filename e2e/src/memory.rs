//! The memory of a page.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::WebDriver;

use crate::visitor::Visitor;

/// Keeps the start event of a page, from which the size of its memory can be read.
const KEEP_WASM: &str = "addEventListener('TrunkApplicationStarted', event => { window.eseWasm = event.detail.wasm })";
const MIB: f64 = (1 << 20) as f64;

/// The memory of a page, in MiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// V8's heap after a collection, as DevTools show it.
    pub heap: f64,
    /// The memory of WebAssembly, which can only grow.
    pub wasm: f64,
}

impl Memory {
    /// Must be called before the page is opened.
    pub async fn prepare(driver: &WebDriver) -> Result<()> {
        driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": KEEP_WASM })).await?;
        Ok(())
    }

    /// The memory of the open page.
    pub async fn read(visitor: &Visitor) -> Result<Self> {
        let cdp = visitor.driver.cdp();
        cdp.send_raw("HeapProfiler.collectGarbage", ()).await?;
        cdp.send_raw("Performance.enable", json!({})).await?;
        let metrics = cdp.send_raw("Performance.getMetrics", ()).await?;
        let mut metrics = metrics["metrics"].as_array().into_iter().flatten();
        let heap = metrics.find(|metric| metric["name"] == "JSHeapUsedSize").map(|metric: &Value| &metric["value"]);
        let wasm = visitor.script("return window.eseWasm?.memory.buffer.byteLength").await?;
        Ok(Self {
            heap: heap.and_then(Value::as_f64).context("Chromium names no heap size")? / MIB,
            wasm: wasm.as_f64().context("the page does not show its Wasm memory")? / MIB,
        })
    }
}
