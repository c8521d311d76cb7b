//! The crash test, and the proof that it finds what it is for.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

/// Each run has a stack of its own; one after the other, or they would only wait for each other's processor.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The outcome, and all that was printed.
fn crash(flags: &[&str]) -> (Output, String) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let output = Command::new(env!("CARGO_BIN_EXE_ese")).arg("crash").args(flags).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    (output, text)
}

/// Runs the test, and returns all that was printed.
fn is_exact(flags: &[&str]) -> String {
    let (output, text) = crash(flags);
    assert!(output.status.success(), "{text}");
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    text
}

#[test]
fn the_ledger_is_exact_after_twenty_kills() {
    is_exact(&["--kills", "20"]);
}

#[test]
fn the_ledger_is_exact_on_postgresql_as_well() {
    let Some(server) = runtime::testing::postgres() else { return };
    is_exact(&["--kills", "20", "--postgres", &server]);
}

#[test]
fn the_ledger_is_exact_while_three_consumers_come_and_go() {
    let Some(server) = runtime::testing::postgres() else { return };
    let text = is_exact(&["--kills", "12", "--consumers", "3", "--postgres", &server]);
    assert!(text.contains("consumers left their group and came back"), "{text}");
}

#[test]
fn several_consumers_without_a_database_that_they_share_are_refused() {
    let (output, text) = crash(&["--kills", "1", "--consumers", "2"]);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("2 consumers need one database that they share: give --postgres"), "{text}");
}

/// A smoke run: nisshi takes a quarter of an hour to build, so it is used where it is, and missed loudly where it is not.
#[test]
fn the_ledger_is_exact_on_nisshi_as_well() {
    if lab::run::broker::find_installed().nisshi.is_none() {
        runtime::testing::skipped("this test needs nisshi; `cargo xtask setup nisshi` builds it");
        return;
    }
    is_exact(&["--kills", "6", "--broker", "nisshi"]);
}

#[test]
fn every_deliberate_bug_is_found() {
    for (bug, parts, kills) in [
        ("accept-early", "broker,backend", "6"),
        ("move-early", "consumer", "8"),
        ("skip-dedupe", "consumer,backend", "6"),
        ("lose-mail", "consumer", "8"),
    ] {
        let flags = ["--injected-bug", bug, "--parts", parts, "--kills", kills, "--patience", "15"];
        let (output, text) = crash(&flags);
        assert_eq!(output.status.code(), Some(1), "{bug} was not found\n{text}");
        assert!(text.contains("The ledger is NOT exact."), "{bug} broke something else\n{text}");
    }
}
