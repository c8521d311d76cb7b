//! One visit to the page of a tracker, with the losses on a timeline.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::Intervals;
use serde_json::json;
use thirtyfour::WebDriver;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::collector::Collector;
use super::library::Library;
use super::results::{Ending, Run};
use super::site::Site;
use crate::browser::Browser;

/// The events of a run.
pub const EVENTS: u64 = 200;
/// The time from one event to the next.
pub const PERIOD: Duration = Duration::from_millis(200);
/// The tab ends after so many events.
pub const ENDS_AFTER: u64 = 100;
/// The time until the page is opened again.
pub const GONE_FOR: Duration = Duration::from_secs(2);
/// The endpoint goes away so long after the first event.
pub const AWAY_AT: Duration = Duration::from_secs(8);
/// The time until it comes back.
pub const AWAY_FOR: Duration = Duration::from_secs(30);
/// The requests with events that it then answers with 429.
pub const REFUSALS: u32 = 3;
/// The time after the last event in which events may arrive. A run waits for all of it, because doubles may come late.
pub const QUIET: Duration = Duration::from_secs(90);

/// The time until a page must be ready.
const READY: Duration = Duration::from_secs(10);
/// The time until a tab has crashed.
const CRASH: Duration = Duration::from_secs(1);

/// Measures a tracker once, in a browser of its own.
pub async fn run(library: &Library, ending: Ending) -> Result<Run> {
    let mut collector = Collector::start(library.tracker).await?;
    let site = Site::start(library).await?;
    let browser = Browser::start(1000, 800).await?;
    let page = Page { driver: browser.driver.clone(), address: site.page(collector.address) };
    let visited = visit(&page, ending, &mut collector).await;
    browser.end().await;
    let (emitted, reported) = visited.with_context(|| format!("the run of {} failed", library.tracker.name()))?;

    let arrived = collector.arrived();
    let not_emitted = arrived.keys().filter(|number| !emitted.contains(number)).count();
    ensure!(not_emitted == 0, "{} events of {} arrived that were not emitted", not_emitted, library.tracker.name());
    let lost: Intervals = emitted.iter().copied().filter(|number| !arrived.contains_key(number)).collect();
    Ok(Run {
        tracker: library.tracker.name().to_owned(),
        version: library.version.clone(),
        ending,
        emitted: emitted.len() as u64,
        arrived: arrived.len() as u64,
        doubled: arrived.values().map(|times| times - 1).sum(),
        lost: lost.to_string(),
        reported_lost: reported,
        refused: u64::from(REFUSALS - collector.refusals_left()),
    })
}

/// The numbers that were emitted, and how many the tracker itself calls lost, if it can.
async fn visit(page: &Page, ending: Ending, collector: &mut Collector) -> Result<(BTreeSet<u64>, Option<u64>)> {
    let idle = page.driver.window().await?;
    page.open().await?;
    let start = Instant::now();
    let endpoint = async {
        sleep_until(start + AWAY_AT).await;
        collector.go_away().await;
        sleep_until(start + AWAY_AT + AWAY_FOR).await;
        collector.refuse(REFUSALS);
        collector.come_back().await
    };
    let person = async {
        let mut emitted = page.emit(1..=ENDS_AFTER, start).await?;
        page.end(ending).await?;
        page.driver.switch_to_window(idle).await?;
        sleep(GONE_FOR).await;
        page.open().await?;
        let hidden = page.driver.execute("return localStorage.getItem('probe-hidden')", vec![]).await?;
        ensure!((hidden.json() == "true") == (ending == Ending::Closed), "the tab was not {ending}");
        let again = start + PERIOD * ENDS_AFTER as u32 + GONE_FOR;
        emitted.extend(page.emit(ENDS_AFTER + 1..=EVENTS, again).await?);
        Ok(emitted)
    };
    let ((), emitted) = tokio::try_join!(endpoint, person)?;
    sleep(QUIET).await;
    let reported = page.driver.execute("return window.reported()", vec![]).await?;
    Ok((emitted, serde_json::from_value(reported.json().clone())?))
}

/// The page of the tracker.
struct Page {
    driver: WebDriver,
    address: String,
}

impl Page {
    /// Opens the page in a new tab, and waits until it can emit.
    async fn open(&self) -> Result<()> {
        let tab = self.driver.new_tab().await?;
        self.driver.switch_to_window(tab).await?;
        self.driver.goto(&self.address).await?;
        let ready = async {
            while self.driver.execute("return typeof window.emit", vec![]).await?.json() != "function" {
                sleep(Duration::from_millis(20)).await;
            }
            anyhow::Ok(())
        };
        timeout(READY, ready).await.context("the page never has `window.emit`")?
    }

    /// Ends the tab.
    async fn end(&self, ending: Ending) -> Result<()> {
        if ending == Ending::Crashed {
            // There is no answer from a tab that has crashed.
            timeout(CRASH, self.driver.cdp().send_raw("Page.crash", json!({}))).await.ok();
        }
        Ok(self.driver.close_window().await?)
    }

    /// Emits these events, one each period from `start`.
    async fn emit(&self, numbers: std::ops::RangeInclusive<u64>, start: Instant) -> Result<BTreeSet<u64>> {
        let mut emitted = BTreeSet::new();
        let mut due = start;
        for number in numbers {
            sleep_until(due).await;
            self.driver.execute("window.emit(arguments[0])", vec![json!(number)]).await?;
            emitted.insert(number);
            due += PERIOD;
        }
        Ok(emitted)
    }
}
