//! A tiny scenario over each route on real services: the numbers of its runs are exact, and show what the fault did.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::Route;
use runtime::testing;
use rustix::process::{Pid, Signal, kill_process};
use verdict::results::{Results, Run};
use verdict::{Criterion, Scenario};

/// Two seconds of events; the consumer is away for one and a half of them.
const CONSUMER_DOWN: &str = r#"
name = "consumer-down"
question = "Who notices?"
lesson = "A test."

[load]
rate = 60
clients = 5
seconds = 2

[[fault]]
at = 0.2
for = 1.5
kind = "kill"
part = "consumer"
"#;

/// Nobody tries again.
const NO_RETRY: &str = r#"
name = "no-retry"
question = "Who loses?"
lesson = "A test."

[load]
rate = 60
clients = 5
seconds = 2
retry = false

[[fault]]
at = 0.5
for = 1
kind = "kill"
part = "consumer"

[second_reader]
at = 1.9
"#;

/// Each run has a stack of its own; one after the other, or they would only wait for each other's processor.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn ese(args: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ese")).arg("compare").args(args).current_dir(dir).output().unwrap()
}

/// The runs of a scenario, one over each route in their order. A busy machine voids runs, and changes no count.
fn runs(text: &str, name: &str) -> [Run; 3] {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("it.toml"), text).unwrap();
    let output = ese(&["it.toml", "--reps", "1", "--seed", "7", "--out", "out"], dir.path());
    let shown = String::from_utf8_lossy(&output.stderr);
    let json = fs::read_to_string(dir.path().join("out/results.json")).expect(&shown);
    let results: Results = serde_json::from_str(&json).unwrap();
    let [scenario] = &results.scenarios[..] else { panic!("{shown}") };
    assert_eq!((&*scenario.scenario.name, results.seed, results.stopped), (name, 7, false));
    assert_eq!(scenario.scenario, Scenario::parse(text, "it.toml").unwrap());
    assert!(output.stdout.ends_with(b"out/report.html\n") && dir.path().join("out/report.md").exists(), "{shown}");
    let last = |route: Route| scenario.runs.iter().rfind(|run| run.route == route).unwrap().clone();
    let runs = Route::ALL.map(last);
    assert_eq!(output.status.success(), runs.iter().all(|run| run.void.is_empty()), "{shown}");
    for run in &runs {
        let busy =
            |reason: &String| reason.contains("the generator was late") || reason.contains("something else took");
        assert!(run.void.iter().all(busy), "{:?}\n{shown}", run.void);
        let histogram = fs::read_dir(dir.path().join("out/histograms")).unwrap().any(|file| {
            let file = file.unwrap().file_name().into_string().unwrap();
            file.starts_with(&format!("{name}-{}-1", run.route)) && file.ends_with("-processed.hgrm")
        });
        assert!(histogram, "{shown}");
    }
    runs
}

fn value(run: &Run, criterion: Criterion) -> f64 {
    *run.values.get(&criterion).unwrap_or_else(|| panic!("{criterion:?} is missing: {run:?}"))
}

/// What holds for every run, whatever happens.
fn is_exact(run: &Run) {
    let route = run.route;
    assert!((119..=120).contains(&run.due), "{run:?}");
    assert_eq!((run.ledger.emitted, run.ledger.residual), (run.due, 0), "{route}");
    assert_eq!(run.processed.count, run.ledger.processed, "{route}: every processed event has a time");
    assert_eq!(run.lateness.count, run.due, "{route}");
    let sum = |of: fn(&verdict::results::Second) -> u64| run.timeline.iter().map(of).sum::<u64>();
    assert_eq!(sum(|second| second.due), run.due, "{route}");
    assert_eq!(sum(|second| second.processed), run.ledger.processed, "{route}");
    assert_eq!(sum(|second| second.accepted), run.accepted.count, "{route}");
    assert_eq!(value(run, Criterion::Lost), (run.due - run.ledger.processed) as f64);
    assert_eq!(value(run, Criterion::Duplicated), 0.0, "{route}");
    assert_eq!(value(run, Criterion::Parts), if route == Route::Kafka { 4.0 } else { 3.0 });
    for criterion in [Criterion::Cpu, Criterion::Memory, Criterion::Startup] {
        assert!(value(run, criterion) > 0.0, "{route}: {criterion:?}");
    }
    let has = |criterion| run.values.contains_key(&criterion);
    assert_eq!(
        has(Criterion::AcceptedP50),
        2 * run.accepted.count >= run.due,
        "{route}: given-up events wait for ever"
    );
    assert!(!has(Criterion::Recovery) || run.ledger.processed == run.due, "{route}: lost events never recover");
    assert_eq!(run.hops.len(), 3, "{route}");
    assert_eq!(run.faults.len(), 1, "{route}");
}

#[test]
fn senders_that_try_again_lose_nothing_and_push_alone_makes_them_wait() {
    let runs @ [push, poll, kafka] = &runs(CONSUMER_DOWN, "consumer-down");
    runs.iter().for_each(is_exact);
    for run in runs {
        assert_eq!((run.accepted.count, run.ledger.processed), (run.due, run.due), "{}", run.route);
        assert!(value(run, Criterion::ProcessedP99) > 1000.0 && value(run, Criterion::Recovery) > 0.0, "{run:?}");
        assert!(value(run, Criterion::MostWaiting) > 50.0, "{run:?}");
    }
    assert!(value(push, Criterion::Unavailable) > 10.0 && push.refusals["503"] > 0, "{push:?}");
    for run in [poll, kafka] {
        assert!(value(run, Criterion::Unavailable) < value(push, Criterion::Unavailable), "{run:?}");
        // A machine that is busy with something else delays every answer.
        if run.void.is_empty() {
            assert_eq!(value(run, Criterion::Unavailable), 0.0, "{run:?}");
            assert!(run.refusals.is_empty() && value(run, Criterion::AcceptedP99) < 1000.0, "{run:?}");
        }
    }
}

#[test]
fn senders_that_give_up_lose_events_over_push_and_only_stores_have_the_history() {
    let runs @ [push, poll, kafka] = &runs(NO_RETRY, "no-retry");
    runs.iter().for_each(is_exact);
    assert!(value(push, Criterion::Lost) > 20.0, "{push:?}");
    assert_eq!(push.ledger.shed as f64, value(push, Criterion::Lost), "they were given up");
    assert_eq!(value(push, Criterion::MissedHistory), 100.0);
    for run in [poll, kafka] {
        assert_eq!((value(run, Criterion::Lost), value(run, Criterion::MissedHistory)), (0.0, 0.0), "{run:?}");
    }
}

#[test]
fn ctrl_c_keeps_the_finished_runs_and_ends_the_stack_of_the_present_one() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    // A directory of its own for the stacks, to see that none is left.
    let stacks = dir.path().join("stacks");
    fs::create_dir(&stacks).unwrap();
    fs::write(dir.path().join("it.toml"), CONSUMER_DOWN).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ese"));
    command
        .args(["compare", "it.toml", "--reps", "1", "--seed", "7", "--out", "out"])
        .current_dir(dir.path())
        .env("TMPDIR", &stacks);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let finished = || fs::read_dir(dir.path().join("out/histograms")).is_ok_and(|files| files.count() > 0);
    let runs = || fs::read_dir(&stacks).unwrap().count() > 0;
    let deadline = Instant::now() + Duration::from_secs(120);
    while !(finished() && runs()) {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "no run has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    let read = || -> Results {
        serde_json::from_str(&fs::read_to_string(dir.path().join("out/results.json")).unwrap()).unwrap()
    };
    let results = read();
    let runs = &results.scenarios[0].runs;
    assert!(results.stopped && (1..3).contains(&runs.len()), "{results:?}");
    // A busy machine voids runs; the last one of a route and repetition counts.
    let last: HashMap<_, _> = runs.iter().map(|run| ((run.route, run.repetition), run.void.is_empty())).collect();
    assert_eq!(status.code(), Some(i32::from(last.values().any(|is_valid| !is_valid))), "{runs:?}");
    assert!(dir.path().join("out/report.html").exists());
    assert_eq!(testing::with_variable(&format!("TMPDIR={}", stacks.display())), [""; 0]);
    assert_eq!(fs::read_dir(&stacks).unwrap().count(), 0, "a data directory is left");

    let output = ese(&["it.toml", "--out", "out"], dir.path());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(64) && error.contains("out/results.json is unfinished: --resume"), "{error}");
    ese(&["--resume", "--out", "out"], dir.path());
    let whole = read();
    let all = &whole.scenarios[0].runs;
    assert_eq!(all[..runs.len()], *runs, "the finished runs stay");
    let routes: BTreeSet<Route> = all.iter().map(|run| run.route).collect();
    assert!(!whole.stopped && routes.len() == 3, "{all:?}");
    let output = ese(&["--resume", "--out", "out"], dir.path());
    assert!(String::from_utf8_lossy(&output.stderr).contains("out/results.json is finished"), "{output:?}");
}

#[test]
fn wrong_flags_end_with_64() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("bad.toml"), CONSUMER_DOWN.replace("rate = 60", "rate = 0")).unwrap();
    for (args, expected) in [
        (&["no-such-scenario"][..], "ese: there is no scenario `no-such-scenario`"),
        (&["bad.toml"], "ese: bad.toml:7: `load.rate`"),
        (&["quiet", "quiet"], "ese: `quiet` is given twice"),
        (&["--reps", "0"], ""),
        (&["--quick", "quiet"], ""),
    ] {
        let output = ese(args, dir.path());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{args:?}: {error}");
        assert!(error.starts_with(expected), "{error}");
    }
    let output = ese(&["--list"], dir.path());
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).lines().count() >= 20);
}
