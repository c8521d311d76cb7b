//! The lessons: each at its own address, and one whose experiment is run with the visitor's clicks.

use std::time::{Duration, Instant};

use anyhow::ensure;
use e2e::fixture;

/// The names of the lessons and the beginnings of their titles.
const LESSONS: [(&str, &str); 8] = [
    ("direct-call", "The direct call"),
    ("table-in-between", "A table in between"),
    ("log", "The log"),
    ("keys", "Keys, partitions"),
    ("groups", "Consumer groups"),
    ("replicas", "Replicas"),
    ("guarantees", "At most"),
    ("plain-http", "When plain HTTP"),
];
/// Whether all words of the lesson's drawing are inside it, and large enough to be read.
const LEGIBLE: &str = "const drawing = document.querySelector('[data-testid=lesson] .picture .narrow svg');
    const box = drawing.getBoundingClientRect(), scale = box.width / drawing.viewBox.baseVal.width;
    return scale > 0 && [...drawing.querySelectorAll('text')].every(text => {
        const own = text.getBoundingClientRect(), size = parseFloat(getComputedStyle(text).fontSize) * scale;
        return size >= 12 && own.left >= box.left && own.right <= box.right;
    });";
/// How long three runs may take on a busy machine, each made again if it is void.
const RUNS: Duration = Duration::from_secs(300);

#[tokio::test]
async fn each_lesson_has_an_address_and_the_ways_lead_through_them_all() {
    fixture::run("learn", async |_, visitor| {
        visitor.open("/learn").await?;
        visitor.see_so_many("[data-testid^=lesson-]", LESSONS.len()).await?;
        let mut found = visitor.looks("learn").await?;
        for (name, title) in LESSONS {
            visitor.open(&format!("/learn/{name}")).await?;
            visitor.read("[data-testid=lesson] h1", title).await?;
            visitor.see("[data-testid=run]:enabled").await?;
            visitor.see("[data-testid=lesson] .picture .wide svg").await?;
            visitor.look("light", 360).await?;
            ensure!(visitor.script(LEGIBLE).await? == true, "the narrow drawing of {name} cannot be read");
            found.extend(visitor.looks(&format!("learn-{name}")).await?);
        }
        visitor.open("/learn/direct-call").await?;
        for (name, title) in &LESSONS[1..] {
            visitor.follow(&format!("/learn/{name}")).await?;
            visitor.read("[data-testid=lesson] h1", title).await?;
        }
        // A published comparison is no experiment of the visitor.
        visitor.open("/learn").await?;
        visitor.see_so_many("[data-testid^=lesson-] .done[hidden]", LESSONS.len()).await?;
        visitor.open("/learn/no-such-lesson").await?;
        visitor.read("h1", "There is no such lesson").await?;
        ensure!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_experiment_takes_the_visitors_clicks_and_shows_the_numbers_of_this_machine() {
    fixture::run("experiment", async |_, visitor| {
        visitor.open("/learn/log").await?;
        visitor.see("[data-testid=run]:enabled").await?;
        ensure!(visitor.count("[data-testid=happened]").await? == 0, "nothing ran here so far");
        visitor.click("run").await?;
        visitor.see("[data-testid=running] figure.timeline").await?;
        visitor.click("own-click").await?;
        visitor.read(".own:not([hidden]) dd", "processed after").await?;
        let mut found = visitor.looks("learn-running").await?;
        let began = Instant::now();
        while visitor.count("[data-testid=happened]").await? == 0 {
            ensure!(began.elapsed() < RUNS, "the experiment does not end");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let happened = visitor.read("[data-testid=happened]", "Missed history").await?.text().await?;
        ensure!(!happened.contains("is sure"), "one run of each route decides nothing: {happened}");
        found.extend(visitor.looks("learn-happened").await?);
        // The progress stays in the browser.
        visitor.open("/learn").await?;
        visitor.read("[data-testid=lesson-log] .done", "done").await?;
        ensure!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await;
}
