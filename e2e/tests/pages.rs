//! Each page by its address: content, actions, looks and accessibility.

use anyhow::{Result, ensure};
use domain::{Kind, Route};
use e2e::fixture;
use e2e::look::Axe;
use e2e::visitor::Visitor;
use serde_json::json;

/// Every page: a name for its pictures, its address, and a word of its heading.
const PAGES: [(&str, &str, &str); 10] = [
    ("play", "/", "Plain HTTP"),
    ("compare", "/compare", "Plain HTTP"),
    ("lessons", "/learn", "Plain HTTP"),
    ("live", "/live", "Live"),
    ("use-cases", "/use-cases", "Use cases"),
    ("use-case", "/use-cases/steady-clicks", "Use cases"),
    ("inbox", "/inbox", "Inbox"),
    ("ledger", "/ledger", "Ledger"),
    ("session", "/ledger/0192f0c1-0000-7000-8000-000000000001", "Session"),
    ("missing", "/no/such/page", "There is no such page"),
];

/// A session that numbered 1 to 9, of which 3 to 5 and 8 are missing: reported as emitted and never sent.
async fn a_session_with_gaps(visitor: &Visitor, id: &str) -> Result<()> {
    visitor.open("/").await?;
    let events = [1, 2, 6, 7, 9].map(|number: u64| {
        json!({
            "specversion": "1.0", "id": format!("0192f0c1-2345-7abc-8def-{number:012}"), "sequence": number.to_string(),
            "source": format!("/sessions/{id}"), "type": "ese.click-stream.navigation", "time": runtime::clock::now(),
            "data": { "from": "/", "to": "/elsewhere" }
        })
    });
    visitor.send("POST", "/api/events?route=all", "application/cloudevents-batch+json", &json!(events)).await?;
    let set = json!({ "emitted": "1-9", "accepted": "1-2,6-7,9" });
    let report = json!({ "routes": { "http-push": set, "http-poll": set, "kafka": set } });
    visitor.send("POST", &format!("/api/sessions/{id}/report"), "application/json", &report).await
}

#[tokio::test]
async fn settings_of_a_use_case_are_kept_and_obeyed() {
    fixture::run("settings", async |_, visitor| {
        visitor.open("/use-cases").await?;
        visitor.put("setting-steady-clicks-threshold", "1").await?;
        visitor.see("[data-testid=save-state-steady-clicks][data-state=unsaved]").await?;
        visitor.click("save-steady-clicks").await?;
        let sentence = "Threshold must be a whole number from 2 to 100 (events).";
        visitor.read("[data-testid=save-state-steady-clicks][data-state=failed]", "Not saved").await?;
        visitor.see("[data-testid=setting-steady-clicks-threshold][aria-invalid=true]").await?;
        visitor.read("#steady-clicks-threshold-fault", sentence).await?;

        visitor.put("setting-steady-clicks-threshold", "4").await?;
        visitor.click("save-steady-clicks").await?;
        visitor.see("[data-testid=save-state-steady-clicks][data-state=saved]").await?;
        visitor.read("[data-testid=rule-steady-clicks]", "4 of them").await?;

        // An alert is shown before the event that completes it: with all three in the log, it would be there.
        visitor.press("fff").await?;
        visitor.follow("/").await?;
        visitor.see_processed(Kind::KeyPress, 3).await?;
        ensure!(visitor.count("[data-testid=finding]").await? == 0, "three presses trigger, although four are needed");
        visitor.press("ffff").await?;
        visitor.see_processed(Kind::KeyPress, 7).await?;
        visitor.read("[data-testid=finding]", "Steady clicks from").await?;
        visitor.follow("/use-cases").await?;
        for route in Route::ALL {
            visitor
                .read(&format!("[data-testid=result] [data-testid=result-{route}][data-mail='mail sent']"), "ms")
                .await?;
        }

        visitor.open("/use-cases/steady-clicks").await?;
        ensure!(visitor.value("setting-steady-clicks-threshold").await? == "4", "the setting is not kept");
        let others = "[data-testid=use-case-stuck-orders]:not([hidden])";
        ensure!(visitor.count(others).await? == 0, "the address names one use case");
        visitor.put("setting-steady-clicks-threshold", "7").await?;
        visitor.follow("/use-cases").await?;
        visitor.see(others).await?;
        ensure!(visitor.value("setting-steady-clicks-threshold").await? == "7", "the typed text is lost");
        visitor.follow("/use-cases/steady-clicks").await?;
        visitor.see_so_many("[data-testid=result]", 1).await
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_log_opens_and_leads_to_its_session() {
    fixture::run("event-detail", async |_, visitor| {
        visitor.open("/").await?;
        visitor.click("click-button").await?;
        visitor.see_processed(Kind::ButtonClick, 1).await?;
        visitor.see("[data-testid=log-open][aria-expanded=false]").await?;
        // By keyboard alone.
        visitor.script("document.querySelector('[data-testid=log-open]').focus()").await?;
        visitor.type_on("\u{e007}").await?;
        let open = "[data-testid=log-open][aria-expanded=true]";
        visitor.see(open).await?;
        for part in ["partition ", "store, position ", "none: handed on", "no alert", "Answer back in the browser"] {
            visitor.read("[data-testid=event-detail]", part).await?;
        }
        let id = visitor.see("[data-testid=log-row]").await?.attr("data-id").await?.unwrap_or_default();
        visitor.read("[data-testid=event-detail] .raw", &format!("\"id\": \"{id}\"")).await?;
        visitor.read("[data-testid=event-detail] .raw", "\"data\": {\"button\":\"click-me\"}").await?;
        visitor.type_on(" ").await?;
        visitor.see("[data-testid=log-open][aria-expanded=false]").await?;
        ensure!(visitor.count("[data-testid=event-detail]").await? == 0, "the row does not close");

        visitor.type_on(" ").await?;
        visitor.see("[data-testid=event-detail] a[href^='/ledger/']").await?.click().await?;
        visitor.read("h1", "Session of this tab").await?;
        visitor.read("[data-testid=session-event]", &id).await?;
        for route in Route::ALL {
            visitor.read(&format!("[data-testid=gaps-{route}]"), "no gap").await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn every_address_opens_its_page() {
    fixture::run("addresses", async |_, visitor| {
        for (_, address, heading) in PAGES {
            visitor.open(address).await?;
            visitor.see("h1").await?;
            let words = visitor.script("return document.querySelector('h1').textContent").await?;
            ensure!(words.as_str().is_some_and(|words| words.contains(heading)), "{address} has the heading {words}");
        }
        visitor.open("/live").await?;
        visitor.follow("/ledger").await?;
        visitor.read("h1", "Ledger").await?;
        visitor.script("history.back()").await?;
        visitor.see("[data-testid=headline]").await?;
        visitor.see("nav a[href='/live'][aria-current=page]").await?;
        visitor.open("/use-cases/no-such-thing").await?;
        visitor.read("[data-testid=no-use-case]", "no-such-thing").await?;
        visitor.open("/ledger/0192f0c1-0000-7000-8000-0000000000ff").await?;
        visitor.read(".empty", "The ledger has no such session").await?;
        visitor.open("/ledger/nonsense").await?;
        visitor.read("[data-testid=trouble]", "That is no session").await?;
        visitor.follow("/ledger").await?;
        visitor.read("h1", "Ledger").await?;
        visitor.script("history.back()").await?;
        visitor.read("[data-testid=session-id]", "nonsense").await?;

        let session = "0192f0c1-0000-7000-8000-000000000002";
        a_session_with_gaps(visitor, session).await?;
        visitor.open("/ledger").await?;
        visitor.follow(&format!("/ledger/{session}")).await?;
        for gap in ["4 events missing", "3–5", "8"] {
            visitor.read("[data-testid=gaps-http-push]", gap).await?;
        }

        // An unsaved text survives a visit of another page.
        visitor.follow("/use-cases").await?;
        visitor.put("setting-steady-clicks-threshold", "7").await?;
        visitor.follow("/inbox").await?;
        visitor.read("h1", "Inbox").await?;
        visitor.follow("/use-cases").await?;
        visitor.see("[data-testid=save-state-steady-clicks][data-state=unsaved]").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn the_sessions_that_are_not_exact_can_be_shown_alone() {
    fixture::run("ledger-filter", async |_, visitor| {
        let session = "0192f0c1-0000-7000-8000-000000000003";
        a_session_with_gaps(visitor, session).await?;
        visitor.press("f").await?;
        visitor.see_processed(Kind::KeyPress, 1).await?;
        visitor.follow("/ledger").await?;
        visitor.see_so_many("[data-testid=session]", 2).await?;
        // The newest is first: that of this tab, with the key and the navigation.
        let own = "[data-testid=session][data-exact=true]:first-child";
        for words in ["s ago", "this tab", "2 events", "http-poll", "exact"] {
            visitor.read(own, words).await?;
        }
        let other = "[data-testid=session][data-exact=false]";
        for words in ["2024-11-", "days ago", "9 events", "kafka", "not exact", "in flight: 4 on each route"] {
            visitor.read(other, words).await?;
        }
        visitor.click("only-inexact").await?;
        visitor.see_so_many("[data-testid=session]", 1).await?;
        visitor.see(other).await?;
        visitor.click("only-inexact").await?;
        visitor.see_so_many("[data-testid=session]", 2).await?;
        visitor.follow(&format!("/ledger/{session}")).await?;
        visitor.read("[data-testid=session-id]", session).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_page_is_short_on_a_phone() {
    fixture::run("phone", async |_, visitor| {
        visitor.look("light", 390).await?;
        visitor.open("/").await?;
        visitor.press("fff").await?;
        visitor.see_processed(Kind::KeyPress, 3).await?;
        visitor.see("[data-testid=finding]").await?;
        visitor.is_short("/").await?;
        for (address, content) in [
            ("/use-cases", "[data-testid=result-kafka][data-mail='mail sent']"),
            ("/inbox", "[data-testid=inbox-mail]"),
            ("/ledger", "[data-testid=session]"),
        ] {
            visitor.follow(address).await?;
            visitor.see(content).await?;
            visitor.is_short(address).await?;
        }
        // The settings are folded, and open again where there is room.
        visitor.follow("/use-cases").await?;
        visitor.see(".fold:not([open]) [data-testid=save-steady-clicks]").await?;
        visitor.look("light", 1440).await?;
        visitor.see(".fold[open] [data-testid=save-steady-clicks]").await.map(drop)
    })
    .await;
}

/// Content for every page: events with their mails, an open row, a changed field that was refused.
async fn prepare(visitor: &Visitor, address: &str) -> Result<()> {
    match address {
        "/" => {
            visitor.click("order-create").await?;
            visitor.press("fff").await?;
            visitor.see_processed(Kind::KeyPress, 3).await?;
            visitor.click("log-open").await?;
            visitor.see("[data-testid=event-detail]").await?;
        }
        "/use-cases" => {
            visitor.see("[data-testid=result-kafka][data-mail='mail sent']").await?;
            visitor.see("[data-testid=lag-chart] [data-empty=false]").await?;
            visitor.put("setting-steady-clicks-to", "nobody").await?;
            visitor.click("save-steady-clicks").await?;
            visitor.see("[data-testid=save-state-steady-clicks][data-state=failed]").await?;
        }
        "/inbox" => drop(visitor.read("[data-testid=inbox-mail]", "Steady clicks from").await?),
        "/ledger" => drop(visitor.see("table.ledger tbody a").await?),
        "/live" => drop(visitor.see("h1").await?),
        "/compare" => drop(visitor.see("[data-testid=run-quiet]").await?),
        "/learn" => drop(visitor.see("[data-testid=lesson-log] svg").await?),
        "/no/such/page" => {}
        address if address.starts_with("/ledger/") => drop(visitor.read("[data-testid=gaps-kafka]", "missing").await?),
        _ => drop(visitor.see("form").await?),
    }
    Ok(())
}

#[tokio::test]
async fn every_page_is_accessible_in_every_look() {
    fixture::run("looks", async |_, visitor| {
        a_session_with_gaps(visitor, "0192f0c1-0000-7000-8000-000000000001").await?;
        let mut faults = Vec::new();
        if let Some(axe) = Axe::find()? {
            // An injected fault shows that the checker works.
            visitor
                .script(
                    "document.querySelector('main').insertAdjacentHTML('beforeend', '<button id=injected></button>')",
                )
                .await?;
            let found = visitor.faults(&axe).await?;
            ensure!(
                found.iter().any(|fault| fault.contains("#injected")),
                "axe-core misses an injected fault: {found:?}"
            );
        }
        for (name, address, _) in PAGES {
            visitor.open(address).await?;
            prepare(visitor, address).await?;
            faults.extend(visitor.looks(name).await?);
        }
        ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        Ok(())
    })
    .await;
}
