//! Files that are written whole or not at all: a reader finds the old text or the new one, never a half.

use std::fs;
use std::io;
use std::path::Path;

/// Writes a file, and makes the directories above it. A part that follows the file has it within 0.2 s.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written = made.and_then(|()| fs::write(&draft, text)).and_then(|()| fs::rename(&draft, path));
    written.map_err(|why| io::Error::new(why.kind(), format!("cannot write {}: {why}", path.display())))
}
