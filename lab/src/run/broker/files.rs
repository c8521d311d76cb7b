//! Files of a broker.

use std::path::Path;

use super::error::BrokerError;

/// Writes a file whole or not at all, and makes the directories above it.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), BrokerError> {
    let error = |why| BrokerError::File(path.to_owned(), why);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(error)?;
    }
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, content).and_then(|()| std::fs::rename(&fresh, path)).map_err(error)
}
