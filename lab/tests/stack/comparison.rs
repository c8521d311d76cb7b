//! Comparisons from the page of `ese up`: the published one first; then one at a time, and gone with its stack when `ese up` ends.

use std::path::Path;
use std::{env, fs};

use reqwest::StatusCode;
use runtime::testing::until;
use rustix::process::Signal;
use verdict::Results;
use verdict::api::ComparisonView;

use super::bench::{Bench, ESE, exit, program, signal};

/// How many lines of the file are this one.
fn count(file: &Path, line: &str) -> usize {
    fs::read_to_string(file).unwrap_or_default().lines().filter(|other| *other == line).count()
}

#[tokio::test]
async fn before_the_first_comparison_the_published_one_is_served_with_its_report() {
    let bench = Bench::new();
    let (mut up, address) = bench.up();
    let get = async |path: &str| reqwest::get(format!("{address}/api/compare{path}")).await.unwrap();
    let view: ComparisonView = get("").await.json().await.unwrap();
    let last = view.last.unwrap();
    assert!(last.published && view.running.is_none());
    assert!(!last.answers.is_empty() && !last.table.is_empty() && !last.machine.is_empty());
    let results: Results = get("/results").await.json().await.unwrap();
    assert_eq!(results.began, last.began);
    let report = get("/report").await.text().await.unwrap();
    for scenario in &results.scenarios {
        assert!(report.contains(&format!("scenario-{}", scenario.scenario.name)), "{}", scenario.scenario.name);
    }
    signal(&up, Signal::INT);
    assert_eq!(exit(&mut up).await.code(), Some(0));
}

#[tokio::test]
async fn ctrl_c_ends_the_only_comparison_with_its_stack() {
    let bench = Bench::new();
    let dir = bench.dir.path();
    let (stacks, tools, log) = (dir.join("stacks"), dir.join("tools"), dir.join("log"));
    [&stacks, &tools].into_iter().for_each(|dir| fs::create_dir(dir).unwrap());
    // The comparison looks for the version of PostgreSQL.
    program(&tools.join("psql"), &format!("echo psql >> {}", log.display()));
    // A stand-in takes no events, so the first run goes on until it is stopped. The backend of its stack ends slowly.
    let run = format!("{ESE} inbox --smtp 127.0.0.1:0 --data-dir backend.data \"$1\" \"$2\"");
    let note = |what| format!("case $PWD in {}/*) echo {what} >> {};; esac", stacks.display(), log.display());
    let backend = format!("trap : TERM; {}; {run}; sleep 0.5; {}", note("start"), note("stop"));
    program(&dir.join("backend"), &backend);
    let path = env::join_paths([tools.clone()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    // No broker is found: runs over Kafka are void at once.
    let environment = [("TMPDIR", stacks.as_os_str()), ("ESE_TOOLS", tools.as_os_str()), ("PATH", &path.unwrap())];
    let (mut up, address) = bench.up_with(&environment);

    let compare = format!("{address}/api/compare");
    let start = async || {
        let request = reqwest::Client::new().post(&compare).header("content-type", "application/json");
        request.body(r#"{"scenario": "steady"}"#).send().await.unwrap().status()
    };
    assert_eq!(start().await, StatusCode::ACCEPTED);
    let view: ComparisonView = reqwest::get(&compare).await.unwrap().json().await.unwrap();
    assert_eq!(view.running.map(|running| (running.done, running.of)), Some((0, 3)));
    until("its stack starts", async || count(&log, "start") > 0).await;
    assert_eq!(start().await, StatusCode::CONFLICT);
    assert_eq!(count(&log, "psql"), 1, "a refused comparison looks for nothing");

    signal(&up, Signal::INT);
    assert_eq!(exit(&mut up).await.code(), Some(0));
    assert_eq!(count(&log, "stop"), count(&log, "start"), "a part was killed");
    assert_eq!(bench.left_over(), [""; 0]);
    assert_eq!(fs::read_dir(&stacks).unwrap().count(), 0, "a data directory is left");
}
