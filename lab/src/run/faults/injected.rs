//! Faults inside a part: a file for each part, which the part follows (`--fault-file`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use runtime::injected_fault::InjectedFaults;

use super::list::Kind;
use crate::run::followed_file;

/// The directory of these files.
pub(super) struct FaultFiles(PathBuf);

/// The file of a part in this directory.
pub(crate) fn file(directory: &Path, part: &str) -> PathBuf {
    directory.join(format!("{part}.json"))
}

impl FaultFiles {
    /// Empties the directory, which an earlier run may have filled.
    pub(super) fn empty(directory: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&directory)?,
        }
        Ok(Self(directory))
    }

    /// Writes all faults of a part; it follows them within 0.2 s.
    pub(super) fn write(&self, part: &str, faults: InjectedFaults) -> io::Result<()> {
        followed_file::write(&file(&self.0, part), &faults)
    }
}

/// Adds one fault to those of its part.
pub(super) fn add(faults: &mut InjectedFaults, kind: Kind, parameters: &BTreeMap<String, u32>) {
    let value = |name: &str| parameters.get(name).copied().unwrap_or_default();
    match kind {
        Kind::SlowEvents => faults.event_delay_ms = value("event_ms"),
        Kind::SlowCommits => faults.commit_delay_ms = value("commit_ms"),
        Kind::MailLater => faults.mail_reply = 451,
        Kind::MailRefused => faults.mail_reply = 554,
        Kind::SlowMail => faults.mail_delay_ms = value("mail_ms"),
        _ => {}
    }
}
