//! Play's first screen: one event and its copies, the guide that ticks itself off, and the ledger in one line.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::{Kind, Route, RouteChoice};
use e2e::fixture;
use e2e::visitor::Visitor;

/// The upper and the lower edge of the first element that matches, in CSS pixels from the top of the page.
async fn edges(visitor: &Visitor, css: &str) -> Result<(f64, f64)> {
    let script = format!(
        "const box = document.querySelector(`{css}`).getBoundingClientRect();
         return [box.top + scrollY, box.bottom + scrollY]"
    );
    let edges = visitor.script(&script).await?;
    edges[0].as_f64().zip(edges[1].as_f64()).with_context(|| format!("`{css}` has no edges: {edges}"))
}

/// The number of lines of text in the first element that matches.
async fn lines(visitor: &Visitor, css: &str) -> Result<u64> {
    let script = format!(
        "const range = document.createRange();
         range.selectNodeContents(document.querySelector(`{css}`));
         return range.getClientRects().length"
    );
    visitor.script(&script).await?.as_u64().with_context(|| format!("`{css}` has no lines"))
}

/// Waits until the copy on each of these routes has both times.
async fn see_both_times(visitor: &Visitor, routes: &[Route]) -> Result<()> {
    for route in routes {
        visitor.see(&format!("[data-testid=copy-{route}][data-state=processed]")).await?;
        for milestone in ["answer", "processed"] {
            let css = format!("[data-testid={milestone}-{route}][data-state=reached]");
            visitor.read(&css, milestone).await?;
            visitor.read(&css, " ms").await?;
        }
        visitor.read(&format!(".head[data-route={route}] .later"), "answer after ").await?;
    }
    Ok(())
}

/// Waits until the newest event is kept by http-poll and kafka, and held up on http-push.
async fn see_kept_by_two_routes(visitor: &Visitor, newest: &str) -> Result<()> {
    visitor.read("[data-testid=newest-event]", newest).await?;
    visitor.read("[data-testid=answer-http-push][data-state=refused]", "503; sent").await?;
    visitor.see("[data-testid=processed-http-push][data-state=open]").await?;
    for route in [Route::HttpPoll, Route::Kafka] {
        visitor.see(&format!("[data-testid=answer-{route}][data-state=reached]")).await?;
        visitor.see(&format!("[data-testid=processed-{route}][data-state=waiting]")).await?;
    }
    Ok(())
}

async fn see_step_done(visitor: &Visitor, step: &str) -> Result<()> {
    visitor.see(&format!("[data-testid=step-{step}][data-done=true]")).await.map(drop)
}

#[tokio::test]
async fn a_click_is_answered_and_processed_on_each_chosen_lane() {
    fixture::run("play-copies", async |_, visitor| {
        visitor.open("/").await?;
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=copy-{route}][data-state=idle][data-chosen=true]")).await?;
        }
        visitor.click("click-button").await?;
        visitor.read("[data-testid=newest-event]", "Click #1: one event, 3 copies.").await?;
        see_both_times(visitor, &Route::ALL).await?;

        visitor.choose(RouteChoice::One(Route::Kafka)).await?;
        visitor.see("[data-testid=copy-http-push][data-chosen=false]").await?;
        visitor.click("click-button").await?;
        visitor.read("[data-testid=newest-event]", "Click #2: one event, 1 copy.").await?;
        see_both_times(visitor, &[Route::Kafka]).await?;
        visitor.see("[data-testid=copy-http-push][data-state=idle]").await?;
        let found = visitor.looks("play-one-route").await?;
        ensure!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_guide_ticks_itself_off() {
    fixture::run("play-guide", async |_, visitor| {
        visitor.open("/").await?;
        visitor.see_so_many("[data-testid=guide] [data-done=false]", 4).await?;
        visitor.click("click-button").await?;
        see_step_done(visitor, "click").await?;
        visitor.press("fff").await?;
        see_step_done(visitor, "press-f").await?;

        // The consumer comes back by itself.
        visitor.see("[data-testid=stop-consumer]:not([hidden])").await?;
        visitor.click("stop-consumer").await?;
        visitor.see("[data-testid=part-consumer][data-health=down]").await?;
        see_step_done(visitor, "stop-consumer").await?;
        visitor.click("click-button").await?;
        see_kept_by_two_routes(visitor, "Click #5").await?;
        // The second one waits behind the first.
        visitor.click("click-button").await?;
        see_kept_by_two_routes(visitor, "Click #6").await?;
        visitor.see("[data-testid=part-consumer][data-health=up]").await?;
        visitor.see_processed(Kind::ButtonClick, 3).await?;
        for route in Route::ALL {
            visitor.see(&format!("[data-testid=copy-{route}][data-state=processed]")).await?;
        }

        // The progress outlives the page.
        visitor.open("/").await?;
        visitor.see_so_many("[data-testid=guide] [data-done=true]", 3).await?;
        visitor.follow("/compare").await?;
        visitor.see("[data-testid=answer]").await?;
        visitor.follow("/").await?;
        visitor.read("[data-testid=guide]", "All four steps are done.").await?;
        visitor.click("dismiss-guide").await?;
        visitor.see_so_many("[data-testid=guide]", 0).await
    })
    .await;
}

/// The upper edges of the picture and of its lanes.
async fn picture(visitor: &Visitor) -> Result<(f64, f64)> {
    Ok((edges(visitor, "[data-testid=copies]").await?.0, edges(visitor, "[data-testid=copy-http-push]").await?.0))
}

#[tokio::test]
async fn while_the_consumer_is_down_the_picture_stays_and_afterwards_the_guide_catches_up() {
    fixture::run("play-consumer-down", async |_, visitor| {
        visitor.open("/").await?;
        visitor.look("light", 390).await?;
        visitor.see("[data-testid=stop-consumer]:not([hidden])").await?;
        visitor.see("[data-testid=part-consumer][data-health=up]").await?;
        let before = picture(visitor).await?;
        visitor.click("stop-consumer").await?;
        visitor.read("[data-testid=part-consumer][data-health=down]", "stopped on purpose").await?;
        visitor.press("fff").await?;
        visitor.see("[data-testid=trouble][data-severity=down]").await?;
        let (during, (_, lower)) = (picture(visitor).await?, edges(visitor, ".troubles").await?);
        let moved = (during.0 - before.0).abs().max((during.1 - before.1).abs());
        ensure!(moved < 1.0, "the picture moves from {before:?} to {during:?}");
        ensure!(lower < during.0 + 1.0, "the lines of trouble end at {lower}, and the picture begins at {}", during.0);

        // The finding may come with the first data after the silence.
        visitor.see("[data-testid=part-consumer][data-health=up]").await?;
        see_step_done(visitor, "press-f").await?;
        visitor.read("[data-testid=finding]", "Steady clicks from").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn without_faults_the_guide_says_so() {
    fixture::run_with(
        "play-no-faults",
        |config| config.faults = false,
        async |_, visitor| {
            visitor.open("/").await?;
            visitor.read("[data-testid=step-stop-consumer]", "This server offers no faults").await?;
            visitor.see("[data-testid=stop-consumer][hidden]").await.map(drop)
        },
    )
    .await;
}

#[tokio::test]
async fn the_ledger_of_this_tab_is_one_line_that_opens() {
    fixture::run("play-ledger", async |_, visitor| {
        // The events of an earlier session are not of this one.
        visitor.open("/").await?;
        visitor.click("click-button").await?;
        visitor.read("[data-testid=ledger-open]", "1 of 1 accounted for on each route.").await?;
        visitor.open("/").await?;
        visitor.read("[data-testid=ledger-open]", "No events yet.").await?;
        visitor.choose(RouteChoice::One(Route::Kafka)).await?;
        visitor.click("click-button").await?;
        visitor.read("[data-testid=ledger-open]", "This tab’s ledger: 1 of 1 accounted for on kafka.").await?;
        visitor.see("[data-testid=ledger-line]:not([open])").await?;
        visitor.click("ledger-open").await?;
        visitor.see("[data-testid=ledger-line][open]").await?;
        for (route, emitted) in [(Route::HttpPoll, "0"), (Route::Kafka, "1")] {
            visitor.read(&format!("[data-testid=count-{route}-emitted]"), emitted).await?;
        }
        visitor.read("[data-testid=ledger-line] summary:not([data-testid])", "What the numbers mean").await?;

        // The page asks again only after another event.
        let requests =
            "return performance.getEntriesByType('resource').filter(one => one.name.includes('/api/ledger?')).length";
        let before = visitor.script(requests).await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        ensure!(visitor.script(requests).await? == before, "the page asks for a ledger that stays as it is");
        visitor.click("click-button").await?;
        visitor.read("[data-testid=ledger-open]", "2 of 2 accounted for on kafka.").await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn the_first_screen_has_the_picture_the_guide_the_ledger_and_two_rows() {
    fixture::run("play-first-screen", async |_, visitor| {
        visitor.open("/").await?;
        for _ in 0..2 {
            visitor.click("click-button").await?;
        }
        visitor.see_processed(Kind::ButtonClick, 2).await?;
        visitor.see("[data-testid=simulation]").await?;
        visitor.look("light", 1440).await?;
        for css in ["[data-testid=copies]", "[data-testid=guide]", "[data-testid=ledger-open]"] {
            let (_, lower) = edges(visitor, css).await?;
            ensure!(lower <= 900.0, "{css} ends at {lower}");
        }
        let (_, lower) = edges(visitor, "[data-testid=log-row]:nth-child(2)").await?;
        ensure!(lower <= 900.0, "the second row ends at {lower}");
        for width in [1440, 1280, 360] {
            visitor.look("light", width).await?;
            let lines = lines(visitor, "h1 span").await?;
            ensure!(lines == 1, "at {width} the question has {lines} lines");
        }

        visitor.look("light", 360).await?;
        let order = ["h1", "[data-testid=click-button]", "[data-testid=copy-http-push]", "[data-testid=copy-kafka]"];
        let others = ["guide", "ledger-line", "log-row", "route-all", "order-create", "buffered", "simulation"];
        let others = others.map(|test_id| format!("[data-testid={test_id}]"));
        let mut before = 0.0;
        for css in order.into_iter().chain(others.iter().map(String::as_str)) {
            let (upper, _) = edges(visitor, css).await?;
            ensure!(upper > before, "{css} begins at {upper}, and what comes before it at {before}");
            before = upper;
        }
        Ok(())
    })
    .await;
}
