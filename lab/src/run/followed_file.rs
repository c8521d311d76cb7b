//! Files that parts follow: a reader finds the old text or the new one, never a half.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

/// Writes `value` as JSON; a part that follows the file has it within 0.2 s.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let draft = path.with_extension("draft");
    fs::write(&draft, serde_json::to_string(value)?)?;
    fs::rename(draft, path)
}
