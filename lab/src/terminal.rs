//! Lines for the person in front of the terminal.
//!
//! `println!` panics when nobody reads any more (`ese up | head`), and what supervises others must not die of that.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::Arc;

/// Shows progress to the person at the terminal, one line or a few at a time.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// Prints a line.
pub fn out(line: &str) {
    // With nobody to read it there is nobody to tell.
    let _ = writeln!(stdout(), "{line}");
}

/// Prints a line about trouble or progress, beside what a program may read.
pub fn err(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Replaces the line about progress, if somebody is there to see it; an empty one takes it away.
pub fn progress(line: &str) {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K{line}").and_then(|()| stderr().flush());
    }
}
