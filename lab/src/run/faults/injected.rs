//! Faults inside a part: a file for each part, which the part follows (`--fault-file`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use runtime::injected_bug::InjectedBug;
use runtime::injected_fault::{self, InjectedFaults};

use super::kinds::Kind;
use crate::run::atomic_file;

/// The directory of these files, and the bug that every part has.
pub(super) struct FaultFiles {
    directory: PathBuf,
    bug: Option<InjectedBug>,
}

/// The file of a part in this directory.
pub(crate) fn file(directory: &Path, part: &str) -> PathBuf {
    directory.join(format!("{part}.json"))
}

impl FaultFiles {
    /// Removes the files that an earlier run may have left, and injects the bug into these parts.
    pub(super) fn start<'a>(
        directory: PathBuf,
        bug: Option<InjectedBug>,
        mut parts: impl Iterator<Item = &'a str>,
    ) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "json" || end == "draft" || end == "applied") {
                fs::remove_file(path)?;
            }
        }
        let files = Self { directory, bug };
        if bug.is_some() {
            parts.try_for_each(|part| files.write(part, InjectedFaults::default()))?;
        }
        Ok(files)
    }

    /// Writes all faults of a part, which follows them.
    pub(super) fn write(&self, part: &str, faults: InjectedFaults) -> io::Result<()> {
        let text = serde_json::to_string(&InjectedFaults { bug: self.bug, ..faults })?;
        atomic_file::write(&file(&self.directory, part), &text)
    }

    /// Whether the part has applied the faults that were written last.
    pub(super) fn are_applied(&self, part: &str) -> bool {
        let path = file(&self.directory, part);
        fs::read(injected_fault::applied(&path)).ok() == fs::read(path).ok()
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
