//! Lines for the person in front of the terminal.
//!
//! `println!` panics when nobody reads any more (`ese up | head`), and what supervises others must not die of that.

use std::io::{Write, stderr, stdout};

/// Prints a line.
pub fn out(line: &str) {
    // With nobody to read it there is nobody to tell.
    let _ = writeln!(stdout(), "{line}");
}

/// Prints a line about trouble or progress, beside what a program may read.
pub fn err(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
