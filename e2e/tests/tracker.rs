//! The tracker on pages of other origins.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::api::BATCH;
use domain::api::faults::FaultRequest;
use e2e::browser::OTHER_MACHINE;
use e2e::fixture::{self, dist};
use e2e::site::Site;
use e2e::visitor::Visitor;
use lab::run::stack::{Config, Stack};
use runtime::keys::KeysFile;
use runtime::testing::key;
use serde_json::{Value, json};
use thirtyfour::Key;

/// Pages of other origins may send.
fn open_to_all(config: &mut Config) {
    config.demo_cors = true;
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("examples").join(name)
}

/// Waits until a script returns true.
async fn until(visitor: &Visitor, script: &str) -> Result<()> {
    let wait = async {
        while visitor.script(&format!("return {script}")).await? != true {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), wait).await;
    in_time.with_context(|| format!("this never becomes true: {script}"))?
}

/// Waits until the tracker of the page runs.
async fn goto(visitor: &Visitor, site: &Site, path: &str) -> Result<()> {
    visitor.driver.goto(format!("{}{path}", site.address)).await?;
    until(visitor, "globalThis.ese?.status?.().active === true").await
}

/// Waits until the ledger of all sessions on kafka has these counts, among others.
async fn see_ledger(stack: &Stack, expected: &Value) -> Result<()> {
    let mut found = Value::Null;
    for _ in 0..600 {
        let ledger: Value = reqwest::get(format!("{}/api/ledger", stack.address())).await?.json().await?;
        found = ledger["routes"]["kafka"].clone();
        let counts = expected.as_object().context("no counts")?;
        if counts.iter().all(|(name, count)| found[name] == *count) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the ledger has {found}, not {expected}")
}

#[tokio::test]
async fn a_plain_page_of_another_origin_is_captured() {
    fixture::run_with("tracker-plain-html", open_to_all, async |stack, visitor| {
        let site = Site::serve(&example("plain-html"), &stack.address()).await?;
        goto(visitor, &site, "/").await?;
        for css in ["[data-ese-event=buy]", "[data-ese-event=secret]", "#order", "#details"] {
            visitor.see(css).await?.click().await?;
        }
        for field in ["#city", "#card"] {
            visitor.see(field).await?.send_keys("4111" + Key::Tab).await?;
        }
        visitor.script("document.activeElement.blur(); location.hash = '#/more?secret=1'").await?;
        visitor.press("f").await?;
        // A click, the order, two navigations, the city, and the key; neither the ignored button nor the card.
        until(visitor, "ese.status().accepted === 6 && ese.status().waiting === 0").await?;
        see_ledger(stack, &json!({ "emitted": 6, "processed": 6, "residual": 0 })).await?;
        let clock = visitor.script("return ese.status().clock").await?;
        let (offset, error) = clock["offsetMs"].as_f64().zip(clock["errorMs"].as_f64()).context("no clock")?;
        ensure!(offset.abs() <= error, "it is one machine: {clock}");

        visitor.see("#opt-out").await?.click().await?;
        visitor.see("[data-ese-event=buy]").await?.click().await?;
        ensure!(visitor.script("return ese.track('com.example.x')").await?.is_null());
        visitor.driver.refresh().await?;
        until(visitor, "globalThis.ese?.status?.().active === false").await?;
        see_ledger(stack, &json!({ "emitted": 6, "processed": 6, "residual": 0 })).await
    })
    .await;
}

#[tokio::test]
async fn calls_before_the_start_wait_and_one_with_an_error_keeps_no_other() {
    fixture::run_with("tracker-early", open_to_all, async |stack, visitor| {
        let folder = tempfile::tempdir()?;
        // Calls as soon as there is something to call.
        let early = "<script>
            let ese;
            const early = now => { now.track(''); now.track('ese.order.created', { order: 'A-1' }) };
            Object.defineProperty(globalThis, 'ese', { get: () => ese, set: now => { ese ?? early(now); ese = now } });
        </script>";
        let page = format!("{early}<script type=module src='{}/ese.js'></script><p>A page", stack.address());
        std::fs::write(folder.path().join("index.html"), page)?;
        let site = Site::serve(folder.path(), &stack.address()).await?;
        goto(visitor, &site, "/").await?;
        until(visitor, "ese.status().accepted === 1").await
    })
    .await;
}

#[tokio::test]
async fn the_next_tab_sends_what_a_closed_one_could_not() {
    fixture::run_with("tracker-next-tab", open_to_all, async |stack, visitor| {
        let folder = tempfile::tempdir()?;
        let page =
            |endpoint| format!("<script type=module src='{}/ese.js' {endpoint}></script><p>A page", stack.address());
        std::fs::write(folder.path().join("down.html"), page("data-endpoint='http://127.0.0.1:9'"))?;
        std::fs::write(folder.path().join("index.html"), page(""))?;
        let site = Site::serve(folder.path(), &stack.address()).await?;
        goto(visitor, &site, "/down.html").await?;
        visitor.script("for (let n = 0; n < 200; n++) ese.track('ese.order.created', { order: `A-${n}` })").await?;
        until(visitor, "ese.status().emitted === 200 && ese.status().trouble !== null").await?;
        goto(visitor, &site, "/").await?;
        see_ledger(stack, &json!({ "emitted": 200, "processed": 200, "residual": 0 })).await?;
        until(visitor, "ese.status().waiting === 0").await
    })
    .await;
}

#[tokio::test]
async fn a_page_with_leptos_sends_to_another_origin() {
    fixture::run_with("tracker-leptos", open_to_all, async |stack, visitor| {
        let target = fixture::pictures().with_file_name("examples");
        let site = Site::serve(&target.join("leptos"), &stack.address()).await?;
        visitor.driver.goto(&site.address).await?;
        visitor.see("[data-ese-event=buy]").await?.click().await?;
        visitor.see("#order").await?.click().await?;
        visitor.read("#accepted", "2").await?;
        see_ledger(stack, &json!({ "emitted": 2, "processed": 2, "residual": 0 })).await
    })
    .await;
}

#[tokio::test]
async fn an_event_costs_the_page_little() {
    fixture::run_with("tracker-cost", open_to_all, async |stack, visitor| {
        ensure!(dist().join("ese.js").is_file(), "there is no ese.js; `cargo xtask page` builds it");
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages/cost");
        let site = Site::serve(&pages, &stack.address()).await?;
        goto(visitor, &site, "/").await?;
        visitor.driver.set_script_timeout(Duration::from_secs(300)).await?;
        let costs = visitor.script("return measure()").await?;
        eprintln!("µs of the main thread for each event: {costs}");
        for act in ["track", "click"] {
            let median = costs[act]["median"].as_f64().context("no median")?;
            // The 99th percentile in docs/tracker.md is of a quiet machine.
            ensure!(median <= 50.0, "{act}: {median} µs");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn events_of_a_refused_key_wait_until_it_is_valid_again() {
    let (directory, client) = (tempfile::tempdir().expect("a temporary directory"), reqwest::Client::new());
    let file = directory.path().join("keys.json");
    std::fs::write(&file, r#"{"keys": []}"#).expect("a file");
    let change = |config: &mut Config| config.keys_file = Some(file.clone());
    /// The key is valid, and the empty request has another error.
    const VALID: u16 = 400;
    fixture::run_with("tracker-key", change, async |stack, visitor| {
        let page = format!("<script type=module src='{}/ese.js' data-key=shop></script><p>A page", stack.address());
        std::fs::write(directory.path().join("index.html"), page)?;
        let mut site = Site::serve(directory.path(), &stack.address()).await?;
        // Pages on this machine may use every key.
        site.address = site.address.replace("127.0.0.1", OTHER_MACHINE);
        // Gives the key `shop` to one origin or none, and waits until an empty request of the page is answered like this.
        let give = async |shop: Option<&str>, status: u16| {
            // Another key has all origins, so that the page may read why it is refused.
            let keys = shop.map(|origin| key("shop", origin)).into_iter().chain([key("other", "*")]).collect();
            std::fs::write(file.with_extension("draft"), serde_json::to_string(&KeysFile { keys })?)?;
            std::fs::rename(file.with_extension("draft"), &file)?;
            let url = format!("{}/api/events", stack.address());
            let request = || client.post(&url).header("origin", &site.address).header("content-type", BATCH);
            let sent = async || request().bearer_auth("shop").body("[]").send().await;
            let in_force = async || sent().await.is_ok_and(|answer| answer.status() == status);
            runtime::testing::until("the keys are in force", in_force).await;
            anyhow::Ok(())
        };
        give(Some(&site.address), VALID).await?;
        goto(visitor, &site, "/").await?;
        let track = "ese.track('ese.order.created', { order: 'A-1' }); ese.flush()";
        visitor.script(track).await?;
        until(visitor, "ese.status().accepted === 1").await?;
        for (origin, status, reason) in [(None, 401, "valid here"), (Some("https://other.example"), 403, "key `shop`")]
        {
            give(origin, status).await?;
            visitor.script(track).await?;
            until(visitor, &format!("ese.status().trouble?.includes('{reason}') === true")).await?;
        }
        until(visitor, "ese.status().accepted === 1 && ese.status().waiting === 2").await?;
        see_ledger(stack, &json!({ "emitted": 1, "processed": 1 })).await?;
        give(Some(&site.address), VALID).await?;
        visitor.script("ese.flush()").await?;
        until(visitor, "ese.status().accepted === 3 && ese.status().waiting === 0").await?;
        see_ledger(stack, &json!({ "emitted": 3, "processed": 3, "duplicates": 0, "residual": 0 })).await
    })
    .await;
}

#[tokio::test]
async fn after_an_opt_out_nothing_is_sent_and_nothing_is_kept() {
    fixture::run_with("tracker-opt-out", open_to_all, async |stack, visitor| {
        let folder = tempfile::tempdir()?;
        let ese = format!("<script type=module src='{}/ese.js'></script>", stack.address());
        let opt_out = format!("{ese}<script type=module>import '{}/ese.js'; ese.optOut()</script>", stack.address());
        let packing = "<script>
        const send = fetch;
        globalThis.sent = 0;
        globalThis.fetch = (...given) => { sent += `${given[0].url ?? given[0]}`.includes('/api/events'); return send(...given) };
        globalThis.optOutWhilePacking = () => {
            globalThis.CompressionStream = class extends CompressionStream { constructor(how) { super(how); ese.optOut() } }
        }</script>";
        std::fs::write(folder.path().join("index.html"), format!("{ese}{packing}<p>A page"))?;
        std::fs::write(folder.path().join("opt-out.html"), format!("{opt_out}<p>A page"))?;
        let site = Site::serve(folder.path(), &stack.address()).await?;
        let track = async |data: &str| visitor.script(&format!("ese.track('ese.order.created', {data})")).await;

        // One event is under way, and two wait behind it; then the server dies, and the answer is to send again.
        goto(visitor, &site, "/").await?;
        stack.faults().start(FaultRequest::new("pause", "backend")).await?;
        track("{ order: 'A-1' }").await?;
        until(visitor, "sent > 0").await?;
        track("{ order: 'A-2' }").await?;
        track("{ order: 'A-3' }").await?;
        until(visitor, "ese.status().emitted === 3").await?;
        visitor.script("ese.optOut()").await?;
        see_ledger(stack, &json!({ "emitted": 3, "shed": 2, "in_flight": 1, "residual": 0 })).await?;
        see_no_data(visitor).await?;
        stack.faults().start(FaultRequest::new("kill", "backend")).await?;
        stack.faults().restore().await?;

        // A request is ready, but was not sent yet.
        visitor.script("optOutWhilePacking(); ese.optIn()").await?;
        until(visitor, "ese.status().active").await?;
        track("{ order: 'A'.repeat(2000) }").await?;
        until(visitor, "ese.status().active === false").await?;
        see_ledger(stack, &json!({ "emitted": 4, "shed": 2, "in_flight": 2, "residual": 0 })).await?;
        see_no_data(visitor).await?;

        // An opt-out at the start also removes the events of an earlier page.
        visitor.script("ese.optIn()").await?;
        stack.faults().start(FaultRequest::new("kill", "backend")).await?;
        goto(visitor, &site, "/").await?;
        track("{ order: 'A-4' }").await?;
        until(visitor, "ese.status().trouble !== null").await?;
        visitor.driver.goto(format!("{}/opt-out.html", site.address)).await?;
        until(visitor, "globalThis.ese?.status?.().active === false").await?;
        see_no_data(visitor).await?;
        stack.faults().restore().await?;

        visitor.script("ese.optIn()").await?;
        track("{ order: 'A-5' }").await?;
        until(visitor, "ese.status().accepted === 1").await?;
        see_ledger(stack, &json!({ "emitted": 6, "processed": 1, "shed": 2, "in_flight": 3, "residual": 0 })).await?;

        // The page keeps an opt-out that the site cannot keep.
        let full = "Storage.prototype.setItem = () => { throw Error('full') }";
        visitor.script(&format!("{full}; ese.optOut(); dispatchEvent(new Event('pageshow'))")).await?;
        ensure!(visitor.script("return ese.status().active").await? == false, "it goes on");
        visitor.script("ese.optIn()").await?;
        until(visitor, "ese.status().active").await
    })
    .await;
}

/// Waits until IndexedDB has nothing of this site.
async fn see_no_data(visitor: &Visitor) -> Result<()> {
    let count = "new Promise(found => { indexedDB.open('ese').onsuccess = ({ target: { result } }) => {
        const stores = result.transaction(['events', 'sessions']);
        const [events, sessions] = ['events', 'sessions'].map(name => stores.objectStore(name).count());
        stores.oncomplete = () => { result.close(); found(events.result + sessions.result === 0) };
    } })";
    until(visitor, count).await
}
