//! Lines for the person at the terminal.
//!
//! `println!` panics when the reader has gone (`ese up | head`). A supervisor must survive that.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::Arc;

/// Shows progress to the person at the terminal, one line or a few at a time.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// Prints a line.
pub fn out(line: &str) {
    // A closed terminal has no reader, so the error has none either.
    let _ = writeln!(stdout(), "{line}");
}

/// Prints an error or progress to standard error; standard output is for programs.
pub fn err(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Replaces the progress line if standard error is a terminal; an empty line removes it.
pub fn progress(line: &str) {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K{line}").and_then(|()| stderr().flush());
    }
}

/// Shows a step of a long command: on the progress line of a terminal, else as a line of its own.
pub fn step(line: &str) {
    if stderr().is_terminal() { progress(line) } else { err(line) }
}
