//! The crash test, and the proof that it finds what it is for.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

/// Each run has a stack of its own; one after the other, or they would only wait for each other's processor.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn crash(bug: Option<&str>, flags: &[&str]) -> Output {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ese"));
    command.arg("crash").args(flags);
    if let Some(bug) = bug {
        command.args(["--injected-bug", bug]);
    }
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
}

#[test]
fn the_ledger_is_exact_after_twenty_kills() {
    let output = crash(None, &["--kills", "20"]);
    assert!(output.status.success(), "{}", text(&output));
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_ledger_is_exact_on_postgresql_as_well() {
    let Some(server) = runtime::testing::postgres() else { return };
    let output = crash(None, &["--kills", "20", "--postgres", &server]);
    assert!(output.status.success(), "{}", text(&output));
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_ledger_is_exact_while_three_consumers_come_and_go() {
    let Some(server) = runtime::testing::postgres() else { return };
    let output = crash(None, &["--kills", "12", "--consumers", "3", "--postgres", &server]);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("consumers left their group and came back"), "{text}");
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn several_consumers_without_a_database_that_they_share_are_refused() {
    let output = crash(None, &["--kills", "1", "--consumers", "2"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("2 consumers need one database that they share: give --postgres"), "{text}");
}

/// A smoke run: nisshi takes a quarter of an hour to build, so it is used where it is, and missed loudly where it is not.
#[test]
fn the_ledger_is_exact_on_nisshi_as_well() {
    if lab::run::broker::find_installed().nisshi.is_none() {
        let loud = "SKIPPED: this test needs nisshi; `cargo xtask setup nisshi` builds it\n";
        // Not `eprintln!`: the test harness would swallow it.
        std::io::Write::write_all(&mut std::io::stderr(), loud.as_bytes()).unwrap();
        return;
    }
    let output = crash(None, &["--kills", "6", "--broker", "nisshi"]);
    assert!(output.status.success(), "{}", text(&output));
}

fn is_found(bug: &str, parts: &str, kills: &str) {
    let output = crash(Some(bug), &["--parts", parts, "--kills", kills, "--patience", "15"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{bug} was not found\n{text}");
    assert!(text.contains("The ledger is NOT exact."), "{bug} broke something else\n{text}");
}

#[test]
fn an_event_called_accepted_too_early_is_found() {
    is_found("accept-early", "broker,backend", "6");
}

#[test]
fn a_position_moved_too_early_is_found() {
    is_found("move-early", "consumer", "8");
}

#[test]
fn duplicates_with_effects_are_found() {
    is_found("skip-dedupe", "consumer,backend", "6");
}

#[test]
fn a_mail_taken_from_the_outbox_too_early_is_found() {
    is_found("lose-mail", "consumer", "8");
}
