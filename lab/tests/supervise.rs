//! Children that are started, killed and restarted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::run::supervise::{Process, Recipe, SpawnError, State};
use runtime::testing::until;
use tokio::time::timeout;

type Lines = Arc<Mutex<Vec<String>>>;

fn child(dir: &Path, script: &str) -> (Process, Lines) {
    let args: Vec<OsString> = vec!["-c".into(), script.into()];
    let (log, grace) = (dir.join("logs/child.log"), Duration::from_millis(300));
    let recipe = Recipe { name: "child", program: "sh".into(), args, env: vec![], dir: dir.to_owned(), log, grace };
    let lines = Lines::default();
    let sink = lines.clone();
    let progress = Arc::new(move |text: &str| sink.lock().unwrap().push(text.to_owned()));
    (Process::new(recipe, progress).unwrap(), lines)
}

fn pid(child: &Process) -> u32 {
    match child.state() {
        State::Running { pid, .. } => pid,
        other => panic!("the child does not run: {other:?}"),
    }
}

fn how(child: &Process) -> (String, bool) {
    match child.state() {
        State::Ended { how, requested, .. } => (how, requested),
        other => panic!("the child did not end: {other:?}"),
    }
}

/// What the child has printed.
fn printed(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("logs/child.log")).unwrap_or_default()
}

/// The process that the child has started and printed.
async fn grandchild(dir: &Path) -> u32 {
    until("the grandchild is named", async || printed(dir).ends_with('\n')).await;
    printed(dir).trim().parse().unwrap()
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test]
async fn a_death_is_shown_with_the_last_lines_and_no_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (child, lines) = child(dir.path(), "echo to the log; echo the disk is full >&2; exit 3");
    child.start().await.unwrap();
    timeout(Duration::from_secs(10), child.ended()).await.unwrap();
    assert_eq!(how(&child), ("ended with exit status: 3".to_owned(), false));
    let lines = lines.lock().unwrap().join("\n");
    assert!(lines.contains("child died: ended with exit status: 3"), "{lines}");
    assert!(lines.contains("| to the log\n  | the disk is full"), "{lines}");
    assert_eq!(printed(dir.path()), "to the log\nthe disk is full\n");
}

#[tokio::test]
async fn kill_and_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (child, lines) = child(dir.path(), "sleep 1000");
    child.start().await.unwrap();
    let first = pid(&child);
    assert!(matches!(child.start().await, Err(SpawnError::Running(_))));
    child.kill().await.unwrap();
    assert_eq!(how(&child), ("killed by signal: 9 (SIGKILL)".to_owned(), true));
    assert!(!runs(first));
    assert!(matches!(child.kill().await, Err(SpawnError::NotRunning(_))));

    child.restart().await.unwrap();
    let second = pid(&child);
    child.restart().await.unwrap();
    assert!(!runs(second) && runs(pid(&child)));
    child.stop().await;
    assert!(lines.lock().unwrap().is_empty(), "a requested stop is not shown");
}

#[tokio::test]
async fn stop_asks_first_and_kills_after_the_grace_time() {
    let dir = tempfile::tempdir().unwrap();
    let (polite, _) = child(dir.path(), "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done");
    polite.start().await.unwrap();
    until("the trap is set", async || printed(dir.path()).contains("up")).await;
    polite.stop().await;
    assert_eq!(how(&polite), ("ended with exit status: 0".to_owned(), true));

    let (stubborn, lines) = child(dir.path(), "trap '' TERM; echo up; while :; do sleep 0.01; done");
    stubborn.start().await.unwrap();
    until("the trap is set", async || printed(dir.path()).contains("up")).await;
    stubborn.stop().await;
    assert_eq!(how(&stubborn), ("killed by signal: 9 (SIGKILL)".to_owned(), true));
    assert!(lines.lock().unwrap()[0].contains("did not stop within"));
}

#[tokio::test]
async fn the_whole_group_is_killed_and_dropping_kills() {
    let dir = tempfile::tempdir().unwrap();
    let (child, _) = child(dir.path(), "sleep 1000 & echo $!; wait");
    child.start().await.unwrap();
    let (parent, grandchild) = (pid(&child), grandchild(dir.path()).await);
    assert!(runs(parent) && runs(grandchild));
    drop(child);
    until("both are gone", async || !runs(parent) && !runs(grandchild)).await;
}

#[tokio::test]
async fn a_grandchild_that_left_the_group_is_paused_and_killed_too() {
    let dir = tempfile::tempdir().unwrap();
    // PostgreSQL's processes leave the group in this way.
    let (child, _) = child(dir.path(), "setsid sleep 1000 & echo $!; wait");
    child.start().await.unwrap();
    let grandchild = grandchild(dir.path()).await;
    let stat = || std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
    until("it is another program", async || stat().contains("(sleep)")).await;
    child.set_paused(true).await.unwrap();
    until("it is paused", async || stat().contains(") T ")).await;
    child.set_paused(false).await.unwrap();
    until("it goes on", async || stat().contains(") S ")).await;
    child.kill().await.unwrap();
    until("it is gone", async || !runs(grandchild)).await;
}

#[tokio::test]
async fn children_outlive_the_thread_that_started_them() {
    let dir = tempfile::tempdir().unwrap();
    let (child, _) = child(dir.path(), "sleep 1000");
    let child = Arc::new(child);
    let (runtime, started) = (tokio::runtime::Handle::current(), child.clone());
    std::thread::spawn(move || runtime.block_on(started.start()).unwrap());
    until("it runs", async || matches!(child.state(), State::Running { .. })).await;
    // A child that the kernel killed with that thread would be gone by the time another was started and ended.
    assert!(Command::new("true").status().unwrap().success());
    assert!(runs(pid(&child)));
    child.stop().await;
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (log, grace) = (dir.path().join("log"), Duration::from_secs(1));
    let program = dir.path().join("backend");
    let recipe = Recipe { name: "backend", program, args: vec![], env: vec![], dir: dir.path().to_owned(), log, grace };
    let error = Process::new(recipe, Arc::new(|_| ())).unwrap().start().await.unwrap_err().to_string();
    assert!(error.contains("backend is not there") && error.contains("cargo build"), "{error}");
}
