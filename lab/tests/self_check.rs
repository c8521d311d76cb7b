//! The short form of `ese compare --self-check`: two seeds against themselves, one planted delay, all planted bugs.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them), and a machine without other work.

use std::process::Command;

#[test]
fn the_judge_finds_planted_differences_and_no_others() {
    let output = Command::new(env!("CARGO_BIN_EXE_ese")).args(["compare", "--self-check=2"]).output().unwrap();
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprintln!("{text}");
    assert!(output.status.success(), "{text}{error}");
    assert_eq!(text.lines().filter(|line| line.starts_with("passed:")).count(), 10, "{text}{error}");
}
