//! Children that live, die and return.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lab::run::supervise::{Process, Recipe, SpawnError, State};
use tokio::time::timeout;

type Said = Arc<Mutex<Vec<String>>>;

fn child(dir: &Path, script: &str) -> (Process, Said) {
    let args: Vec<OsString> = vec!["-c".into(), script.into()];
    let (log, grace) = (dir.join("logs/child.log"), Duration::from_millis(300));
    let recipe = Recipe { name: "child", program: "sh".into(), args, dir: dir.to_owned(), log, grace };
    let said = Said::default();
    let hear = said.clone();
    let say = Arc::new(move |text: &str| hear.lock().unwrap().push(text.to_owned()));
    (Process::new(recipe, say).unwrap(), said)
}

fn pid(child: &Process) -> u32 {
    match child.state() {
        State::Running { pid, .. } => pid,
        other => panic!("the child does not run: {other:?}"),
    }
}

fn how(child: &Process) -> (String, bool) {
    match child.state() {
        State::Ended { how, asked, .. } => (how, asked),
        other => panic!("the child did not end: {other:?}"),
    }
}

async fn until(what: &str, met: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !met() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test]
async fn a_death_is_told_with_the_last_lines_and_not_undone() {
    let dir = tempfile::tempdir().unwrap();
    let (child, said) = child(dir.path(), "echo to the log; echo the disk is full >&2; exit 3");
    child.start().await.unwrap();
    timeout(Duration::from_secs(10), child.ended()).await.unwrap();
    assert_eq!(how(&child), ("ended with exit status: 3".to_owned(), false));
    let said = said.lock().unwrap().join("\n");
    assert!(said.contains("child died: ended with exit status: 3"), "{said}");
    assert!(said.contains("| to the log\n  | the disk is full"), "{said}");
    let log = std::fs::read_to_string(dir.path().join("logs/child.log")).unwrap();
    assert_eq!(log, "to the log\nthe disk is full\n");
}

#[tokio::test]
async fn kill_and_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (child, said) = child(dir.path(), "sleep 1000");
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
    assert!(said.lock().unwrap().is_empty(), "what was asked for is not news");
}

#[tokio::test]
async fn stop_asks_first_and_kills_after_the_grace_time() {
    let dir = tempfile::tempdir().unwrap();
    let (polite, _) = child(dir.path(), "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done");
    polite.start().await.unwrap();
    let log = dir.path().join("logs/child.log");
    until("the trap is set", || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("up"))).await;
    polite.stop().await;
    assert_eq!(how(&polite), ("ended with exit status: 0".to_owned(), true));

    let (deaf, said) = child(dir.path(), "trap '' TERM; echo up; while :; do sleep 0.01; done");
    deaf.start().await.unwrap();
    until("the trap is set", || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("up"))).await;
    deaf.stop().await;
    assert_eq!(how(&deaf), ("killed by signal: 9 (SIGKILL)".to_owned(), true));
    assert!(said.lock().unwrap()[0].contains("did not stop within"));
}

#[tokio::test]
async fn the_whole_group_is_killed_and_dropping_kills() {
    let dir = tempfile::tempdir().unwrap();
    let (child, _) = child(dir.path(), "sleep 1000 & echo $!; wait");
    child.start().await.unwrap();
    let log = dir.path().join("logs/child.log");
    let read = || std::fs::read_to_string(&log).unwrap_or_default();
    until("the grandchild is named", || read().ends_with('\n')).await;
    let (parent, grandchild) = (pid(&child), read().trim().parse().unwrap());
    assert!(runs(parent) && runs(grandchild));
    drop(child);
    until("both are gone", || !runs(parent) && !runs(grandchild)).await;
}

#[tokio::test]
async fn children_outlive_the_thread_that_asked_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let (child, _) = child(dir.path(), "sleep 1000");
    let child = Arc::new(child);
    let (runtime, started) = (tokio::runtime::Handle::current(), child.clone());
    std::thread::spawn(move || runtime.block_on(started.start()).unwrap());
    until("it runs", || matches!(child.state(), State::Running { .. })).await;
    // A child that the kernel killed with that thread would be gone by the time another was started and ended.
    assert!(Command::new("true").status().unwrap().success());
    assert!(runs(pid(&child)));
    child.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (log, grace) = (dir.path().join("log"), Duration::from_secs(1));
    let program = dir.path().join("backend");
    let recipe = Recipe { name: "backend", program, args: vec![], dir: dir.path().to_owned(), log, grace };
    let error = Process::new(recipe, Arc::new(|_| ())).unwrap().start().await.unwrap_err().to_string();
    assert!(error.contains("backend is not there") && error.contains("cargo build"), "{error}");
}
