//! Faults inside a process: delays, refusals and bugs that `--fault-file` injects for experiments. Without it there are none.
//!
//! The file is read again whenever it changes, so a fault outlasts a restart of the process and ends with the file.
//! A copy beside it, with the extension `applied`, shows what is in effect.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::followed_file;
use crate::injected_bug::InjectedBug;

static BUG: AtomicU8 = AtomicU8::new(0);
static EVENT_DELAY_MS: AtomicU32 = AtomicU32::new(0);
static COMMIT_DELAY_MS: AtomicU32 = AtomicU32::new(0);
static MAIL_REPLY: AtomicU32 = AtomicU32::new(0);
static MAIL_DELAY_MS: AtomicU32 = AtomicU32::new(0);

/// The content of the file, as JSON; a number that is left out is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InjectedFaults {
    /// The additional time of each event in the consumer's step, in milliseconds.
    pub event_delay_ms: u32,
    /// The additional time of each commit of the consumer's step or of the backend's store, in milliseconds.
    pub commit_delay_ms: u32,
    /// The reply of the inbox to each mail, 451 or 554; 0 keeps the mail.
    pub mail_reply: u32,
    /// The additional time until that reply, in milliseconds.
    pub mail_delay_ms: u32,
    /// A deliberate bug; a release build has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<InjectedBug>,
}

impl InjectedFaults {
    /// The present faults of this process.
    pub fn now() -> Self {
        Self {
            event_delay_ms: EVENT_DELAY_MS.load(Relaxed),
            commit_delay_ms: COMMIT_DELAY_MS.load(Relaxed),
            mail_reply: MAIL_REPLY.load(Relaxed),
            mail_delay_ms: MAIL_DELAY_MS.load(Relaxed),
            bug: InjectedBug::value_variants().iter().copied().find(|bug| code(Some(*bug)) == BUG.load(Relaxed)),
        }
    }

    fn apply(self) {
        EVENT_DELAY_MS.store(self.event_delay_ms, Relaxed);
        COMMIT_DELAY_MS.store(self.commit_delay_ms, Relaxed);
        MAIL_REPLY.store(self.mail_reply, Relaxed);
        MAIL_DELAY_MS.store(self.mail_delay_ms, Relaxed);
        BUG.store(code(self.bug), Relaxed);
    }
}

impl InjectedBug {
    /// Whether this process has this bug.
    pub fn is_active(self) -> bool {
        cfg!(debug_assertions) && code(Some(self)) == BUG.load(Relaxed)
    }
}

/// The number of a bug in [`BUG`]; 0 is none.
fn code(bug: Option<InjectedBug>) -> u8 {
    bug.map_or(0, |bug| bug as u8 + 1)
}

/// Waits as long as the faults add to a transaction with so many events.
pub async fn before_commit(events: usize) {
    let InjectedFaults { event_delay_ms, commit_delay_ms, .. } = InjectedFaults::now();
    let events = u32::try_from(events).unwrap_or(u32::MAX);
    let delay = event_delay_ms.saturating_mul(events).saturating_add(commit_delay_ms);
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay.into())).await;
    }
}

/// The copy of the faults that are in effect.
pub fn applied(file: &Path) -> PathBuf {
    file.with_extension("applied")
}

/// Follows the file as long as the process lives.
pub(crate) fn follow(file: PathBuf) {
    let mut faults = InjectedFaults::default();
    followed_file::follow(file.clone(), move |text| {
        let found = if text.is_empty() { InjectedFaults::default() } else { serde_json::from_str(text)? };
        if found != faults {
            tracing::warn!(faults = ?found, "the injected faults have changed");
        }
        faults = found;
        faults.apply();
        if let Err(error) = std::fs::write(applied(&file), text) {
            tracing::warn!(%error, "the applied faults are not shown");
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::followed_file::LOOK_EVERY;

    #[tokio::test(start_paused = true)]
    async fn the_file_is_followed_and_its_end_is_the_end_of_the_faults() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("consumer.json");
        std::fs::write(&file, r#"{"event_delay_ms": 20, "commit_delay_ms": 5}"#).unwrap();
        follow(file.clone());
        let began = tokio::time::Instant::now();
        before_commit(3).await;
        assert_eq!(began.elapsed(), Duration::from_millis(65));
        let shown = || std::fs::read_to_string(applied(&file)).unwrap();
        assert_eq!(shown(), std::fs::read_to_string(&file).unwrap());

        for wrong in ["{", r#"{"sleep": 7}"#] {
            std::fs::write(&file, wrong).unwrap();
            tokio::time::sleep(LOOK_EVERY * 2).await;
            assert_eq!(InjectedFaults::now().event_delay_ms, 20, "a file that is not understood changes nothing");
            assert_ne!(shown(), wrong);
        }
        std::fs::write(&file, r#"{"bug": "skip-dedupe"}"#).unwrap();
        tokio::time::sleep(LOOK_EVERY * 2).await;
        let active: Vec<_> = InjectedBug::value_variants().iter().filter(|bug| bug.is_active()).collect();
        assert_eq!(active.as_slice(), if cfg!(debug_assertions) { &[&InjectedBug::SkipDedupe][..] } else { &[] });

        std::fs::remove_file(&file).unwrap();
        tokio::time::sleep(LOOK_EVERY * 2).await;
        assert_eq!(InjectedFaults::now(), InjectedFaults::default());
    }
}
