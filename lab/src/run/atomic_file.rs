//! Files that are written whole or not at all: a reader finds the old text or the new one, never a half.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a file, and makes the directories above it. A part that follows the file has it within 0.2 s.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    write_with_mode(path, text, 0o666)
}

/// Writes a file that only its user may read.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    write_with_mode(path, text, 0o600)
}

fn write_with_mode(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let write = || {
        // A draft that was left would keep its own mode.
        fs::remove_file(&draft).ok();
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&draft, path)
    };
    let written = made.and_then(|()| write());
    written.map_err(|why| io::Error::new(why.kind(), format!("cannot write {}: {why}", path.display())))
}
