//! Findings of the rules: the states of their mails, their lateness, and their entries in the inbox.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::api::faults::FaultRequest;
use domain::{Kind, Route, Timestamp};
use e2e::fixture;
use e2e::visitor::Visitor;
use serde_json::{Value, json};

/// Whether the latest mails are all about steady clicks, and all sent.
const ALL_SENT: &str = "return fetch('/api/mails').then(answer => answer.json()).then(mails => mails.length == 200
    && mails.every(mail => mail.state == 'sent' && mail.subject.startsWith('Steady clicks')))";

/// Sends one event over all routes for each of these data, a millisecond after another, from a session of its own.
async fn emit(visitor: &Visitor, kind: Kind, data: &[Value]) -> Result<()> {
    let first = runtime::clock::now().millis();
    let session = format!("0192f0c1-0000-7000-8000-{first:012x}");
    let event = |(number, data): (i64, &Value)| {
        let time = Timestamp::from_millis(first + number);
        json!({
            "specversion": "1.0", "id": format!("0192f0c1-2345-7abc-8def-{:012x}", first + number), "time": time,
            "source": format!("/sessions/{session}"), "sequence": number.to_string(), "type": kind.name(), "data": data
        })
    };
    let events = (1..).zip(data).map(event).collect();
    visitor.send("POST", "/api/events?route=all", "application/cloudevents-batch+json", &Value::Array(events)).await
}

/// Creates an order that is stuck after a second, decided `lateness_s` later.
async fn create_stuck_order(visitor: &Visitor, name: &str, lateness_s: u64) -> Result<()> {
    let settings = json!({"within_s": 1, "lateness_s": lateness_s});
    visitor.send("PATCH", "/api/use-cases/stuck-orders", "application/json", &settings).await?;
    emit(visitor, Kind::OrderCreated, &[json!({"order": name})]).await
}

/// The result of a route whose mail has this state.
fn result(use_case: &str, route: Route, state: &str) -> String {
    format!("[data-testid=use-case-{use_case}] [data-testid=result-{route}][data-mail='mail {state}']")
}

#[tokio::test]
async fn the_state_of_a_mail_follows_the_mailer_without_a_reload() {
    fixture::run("mail-states", async |stack, visitor| {
        visitor.open("/use-cases/steady-clicks").await?;
        visitor.script("window.isSame = true").await?;
        stack.faults().start(FaultRequest::new("mail-later", "inbox")).await?;
        visitor.press("fff").await?;
        for route in Route::ALL {
            visitor.read(&result("steady-clicks", route, "queued"), "the mailer tries again").await?;
        }
        stack.faults().restore().await?;
        for route in Route::ALL {
            visitor.see(&result("steady-clicks", route, "sent")).await?;
        }
        stack.faults().start(FaultRequest::new("mail-refused", "inbox")).await?;
        visitor.press("fff").await?;
        for route in Route::ALL {
            visitor.read(&result("steady-clicks", route, "failed"), "Given up after 1 try").await?;
        }
        ensure!(visitor.script("return window.isSame").await? == true, "the page was loaded again");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_old_finding_has_the_state_of_its_mail_and_no_demanded_wait_in_its_lateness() {
    fixture::run("old-findings", async |_, visitor| {
        visitor.open("/use-cases/stuck-orders").await?;
        create_stuck_order(visitor, "A-1", 4).await?;
        for route in Route::ALL {
            visitor.see(&result("stuck-orders", route, "sent")).await?;
        }
        let late =
            visitor.see(&format!("{} .late", result("stuck-orders", Route::HttpPush, "sent"))).await?.text().await?;
        let millis = late.strip_suffix(" ms").with_context(|| format!("{late} is too late"))?.replace('\u{202f}', "");
        ensure!(millis.parse::<f64>()? < 4000.0, "{late} has the demanded wait of 4 s in it");

        // More mails than the mailer lists and the live stream begins with.
        emit(visitor, Kind::KeyPress, &vec![json!({"key": "f"}); 3 * 70]).await?;
        let sent = async {
            while visitor.script(ALL_SENT).await? != true {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        tokio::time::timeout(Duration::from_secs(60), sent).await.context("the mails are not sent")??;
        visitor.open("/use-cases/stuck-orders").await?;
        for route in Route::ALL {
            visitor.see(&result("stuck-orders", route, "sent")).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_mails_of_a_finding_are_one_entry_of_the_inbox_and_plain_text() {
    fixture::run("inbox-entries", async |_, visitor| {
        let entry = "[data-testid=inbox-mail]";
        visitor.open("/inbox").await?;
        visitor.press("fff").await?;
        for route in Route::ALL {
            visitor.see(&format!("{entry} [data-testid=mail-of-{route}][data-state=came]")).await?;
        }
        visitor.read(&format!("{entry} .routes"), "first").await?;
        visitor.see_so_many(entry, 1).await?;
        // By keyboard alone.
        visitor.script("document.querySelector('[data-testid=inbox-mail] summary').focus()").await?;
        visitor.type_on("\u{e007}").await?;
        visitor.see(&format!("{entry} details[open]")).await?;
        for route in Route::ALL {
            visitor.read("[data-testid=mail-text]", &format!("Seen on route: {route}")).await?;
        }
        visitor.read("[data-testid=mail-text]", "Last event: ").await?;

        create_stuck_order(visitor, "<b>bold</b>", 0).await?;
        let newest = format!("{entry}:first-child");
        visitor.read(&format!("{newest} h2"), "Order <b>bold</b> is stuck").await?;
        visitor.see_so_many(&format!("{newest} [data-state=came]"), 3).await?;
        ensure!(visitor.count(&format!("{entry} b")).await? == 0, "the text of a mail became markup");
        ensure!(visitor.count(entry).await? == 2, "there are two findings");
        visitor.see(&format!("{entry}:nth-child(2) details[open]")).await?;

        let faults = visitor.looks("inbox-open").await?;
        ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        Ok(())
    })
    .await;
}
