//! A trace as Chromium's DevTools record it, and the tasks of the page's main thread in it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::WebDriver;
use thirtyfour::cdp::CdpSession;
use tokio::time::timeout;

/// The trace categories in which DevTools' performance panel finds tasks.
const CATEGORIES: &str = "-*,devtools.timeline,disabled-by-default-devtools.timeline";
/// The time until Chromium must return a trace.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The bytes of a trace that are fetched at once.
const CHUNK: u32 = 4 << 20;

/// A recording that is under way; the browser keeps it until the end.
pub struct Recording(CdpSession);

/// A task of the main thread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Task {
    /// From its beginning to its end, in milliseconds.
    pub wall_ms: f64,
    /// The processor time of the task, if the trace has it.
    pub cpu_ms: Option<f64>,
}

/// The fields of a trace entry that are used.
#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    pid: i64,
    #[serde(default)]
    tid: i64,
    /// In microseconds.
    #[serde(default)]
    dur: f64,
    #[serde(default)]
    tdur: Option<f64>,
    #[serde(default)]
    args: Value,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "traceEvents")]
    entries: Vec<Entry>,
}

impl Recording {
    /// Begins to record.
    pub async fn start(driver: &WebDriver) -> Result<Self> {
        // The connection has no TLS, but the client needs a TLS provider; one may be installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let session = driver.cdp().connect().await?;
        let params = json!({ "transferMode": "ReturnAsStream", "traceConfig": {
            "recordMode": "recordAsMuchAsPossible",
            "includedCategories": CATEGORIES.split(',').filter(|name| *name != "-*").collect::<Vec<_>>(),
            "excludedCategories": ["*"],
        } });
        session.send_raw("Tracing.start", params).await?;
        Ok(Self(session))
    }

    /// Ends the recording; returns all tasks of the page's main thread.
    pub async fn main_thread_tasks(self) -> Result<Vec<Task>> {
        let mut events = self.0.subscribe_all();
        self.0.send_raw("Tracing.end", json!({})).await?;
        let complete = async {
            while let Some(event) = events.next().await {
                if event.method == "Tracing.tracingComplete" {
                    return event.params["stream"].as_str().map(str::to_owned).context("a trace without a stream");
                }
            }
            bail!("Chromium went away before the trace was complete")
        };
        let stream = timeout(TIMEOUT, complete).await.context("the trace is never complete")??;
        let mut text = String::new();
        loop {
            let part = self.0.send_raw("IO.read", json!({ "handle": stream, "size": CHUNK })).await?;
            text += part["data"].as_str().unwrap_or_default();
            if part["eof"] == true {
                break;
            }
        }
        self.0.send_raw("IO.close", json!({ "handle": stream })).await?;
        tasks(&text)
    }
}

/// The busiest main thread of all renderers is the page's: Chromium keeps a spare one.
fn tasks(trace: &str) -> Result<Vec<Task>> {
    let entries = serde_json::from_str::<File>(trace).context("the trace is no trace")?.entries;
    let is_main = |entry: &&Entry| entry.name == "thread_name" && entry.args["name"] == "CrRendererMain";
    let mut threads: BTreeMap<(i64, i64), Vec<Task>> =
        entries.iter().filter(is_main).map(|entry| ((entry.pid, entry.tid), Vec::new())).collect();
    for entry in entries.iter().filter(|entry| entry.name == "RunTask") {
        if let Some(tasks) = threads.get_mut(&(entry.pid, entry.tid)) {
            tasks.push(Task { wall_ms: entry.dur / 1000.0, cpu_ms: entry.tdur.map(|micros| micros / 1000.0) });
        }
    }
    let busy = |tasks: &Vec<Task>| tasks.iter().map(|task| task.wall_ms).sum::<f64>();
    let busiest = threads.into_values().max_by(|a, b| busy(a).total_cmp(&busy(b)));
    busiest.filter(|tasks| !tasks.is_empty()).context("the trace has no tasks of a page's main thread")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_main_thread_is_the_pages() {
        let trace = r#"{"traceEvents":[
            {"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"CrRendererMain"}},
            {"name":"thread_name","ph":"M","pid":2,"tid":1,"args":{"name":"CrRendererMain"}},
            {"name":"thread_name","ph":"M","pid":3,"tid":1,"args":{"name":"CrBrowserMain"}},
            {"name":"RunTask","ph":"X","pid":1,"tid":1,"dur":10},
            {"name":"RunTask","ph":"X","pid":2,"tid":1,"dur":51000,"tdur":20000},
            {"name":"RunTask","ph":"X","pid":2,"tid":2,"dur":900000},
            {"name":"RunTask","ph":"X","pid":3,"tid":1,"dur":900000},
            {"name":"FunctionCall","ph":"X","pid":2,"tid":1,"dur":50000},
            {"name":"RunTask","ph":"X","pid":2,"tid":1,"dur":7}]}"#;
        let [long, short] = [(51.0, Some(20.0)), (0.007, None)].map(|(wall_ms, cpu_ms)| Task { wall_ms, cpu_ms });
        assert_eq!(tasks(trace).unwrap(), [long, short]);
        assert!(tasks(r#"{"traceEvents":[]}"#).is_err());
    }
}
