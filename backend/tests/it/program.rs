//! The program itself: its exit codes and what it says.

use std::net::TcpListener;
use std::process::{Command, Output};

fn run(flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_backend")).args(flags).env_clear().output().unwrap()
}

#[test]
fn a_bad_value_is_one_clear_line_and_exit_code_64() {
    for (flags, says) in [
        (["--store-ttl", "soon"], "give a number of seconds"),
        (["--consumer-url", "consumer"], "give a URL that begins with http://"),
        (["--default-route", "pigeon"], "there is no route `pigeon`"),
        (["--store-url", "mongodb://x"], "give sqlite:///path"),
    ] {
        let output = run(&flags);
        assert_eq!(output.status.code(), Some(64), "{flags:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}
