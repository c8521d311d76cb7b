//! One user for a data directory at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another `ese` uses it.
    #[error("another `ese` uses the data directory {0}: stop that one, or give another --data-dir")]
    Taken(PathBuf),
    /// It cannot be made or written.
    #[error("the data directory {0} cannot be used: {1}")]
    Unusable(PathBuf, io::Error),
}

/// Makes the directory if need be and locks it. The lock ends with the file, so also when the process is killed.
pub fn take(dir: &Path) -> Result<(PathBuf, File), DataDirError> {
    let unusable = |why| DataDirError::Unusable(dir.to_owned(), why);
    fs::create_dir_all(dir).map_err(unusable)?;
    let dir = fs::canonicalize(dir).map_err(unusable)?;
    let lock = File::create(dir.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok((dir, lock)),
        Err(TryLockError::WouldBlock) => Err(DataDirError::Taken(dir)),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Removes a file that an earlier start may have left.
pub(super) fn remove_old(path: &Path) -> Result<(), DataDirError> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(DataDirError::Unusable(path.to_owned(), why)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_until_the_first_lets_go() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("deep/data");
        let (path, lock) = take(&dir).unwrap();
        assert!(path.is_absolute());
        let refused = take(&dir).unwrap_err();
        assert!(refused.to_string().contains("another `ese` uses the data directory"), "{refused}");
        drop(lock);
        take(&dir).unwrap();
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let refused = take(Path::new("/proc/none/data")).unwrap_err();
        assert!(refused.to_string().starts_with("the data directory /proc/none/data cannot be used"), "{refused}");
    }
}
