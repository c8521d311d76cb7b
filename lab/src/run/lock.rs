//! One user for a data directory at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Makes the directory if need be and locks it. The lock ends with the file, so also when the process is killed.
pub fn take(dir: &Path) -> anyhow::Result<(PathBuf, File)> {
    let unusable = |why| unusable(dir, why);
    fs::create_dir_all(dir).map_err(unusable)?;
    let dir = fs::canonicalize(dir).map_err(unusable)?;
    let lock = File::create(dir.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok((dir, lock)),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "another `ese` uses the data directory {}: stop that one, or give another --data-dir",
            dir.display()
        ),
        Err(TryLockError::Error(why)) => Err(unusable(why)),
    }
}

/// Removes a file that an earlier start may have left.
pub(super) fn remove_old(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(unusable(path, why)),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, why: io::Error) -> anyhow::Error {
    anyhow::anyhow!("the data directory {} cannot be used: {why}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let refused = take(Path::new("/proc/none/data")).unwrap_err();
        assert!(refused.to_string().starts_with("the data directory /proc/none/data cannot be used"), "{refused}");
    }
}
