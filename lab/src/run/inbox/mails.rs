//! The stored mails: a file each, and the latest in memory.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use domain::api::InboxMail;
use uuid::{ContextV7, Timestamp, Uuid};

use super::mail;

/// The most mails that are kept.
pub const MOST_MAILS: usize = 1000;

/// The stored mails.
#[derive(Clone)]
pub struct Mails(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    /// Makes ids that ascend even within a millisecond: they are the order of the mails.
    ids: Mutex<ContextV7>,
    /// Oldest first.
    latest: Mutex<VecDeque<InboxMail>>,
}

impl Mails {
    /// Reads the stored mails; makes the directory if there is none.
    pub async fn open(dir: PathBuf) -> anyhow::Result<Self> {
        let reading = tokio::task::spawn_blocking(move || {
            let latest = read(&dir).with_context(|| format!("the inbox cannot use {}", dir.display()))?;
            anyhow::Ok(Inner { dir, ids: Mutex::default(), latest: Mutex::new(latest) })
        });
        Ok(Self(Arc::new(reading.await??)))
    }

    /// The mails, newest first.
    pub fn latest(&self) -> Vec<InboxMail> {
        self.0.latest.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    /// Stores a mail; it is on the disk when this returns. The oldest mail is removed where there are too many.
    pub async fn keep(&self, bytes: Vec<u8>) -> io::Result<()> {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || inner.keep(&bytes)).await.map_err(io::Error::other)?
    }
}

impl Inner {
    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        let id = {
            let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Uuid::new_v7(Timestamp::now(&*ids))
        };
        let fresh = self.dir.join(format!("{id}.new"));
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, file_of(&self.dir, &id.to_string()))?;
        // The name is part of the directory, which must reach the disk as well.
        File::open(&self.dir)?.sync_all()?;

        let mail = mail::read(id, bytes);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let place = latest.partition_point(|other| other.id < mail.id);
        latest.insert(place, mail);
        forget_surplus(&self.dir, &mut latest);
        Ok(())
    }
}

fn read(dir: &Path) -> io::Result<VecDeque<InboxMail>> {
    fs::create_dir_all(dir)?;
    let mut latest = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<Uuid>().ok());
        match (id, path.extension().and_then(|extension| extension.to_str())) {
            (Some(id), Some("eml")) => latest.push(mail::read(id, &fs::read(&path)?)),
            // The sender of this mail has no acknowledgement yet and sends it again.
            (Some(_), Some("new")) => fs::remove_file(&path)?,
            _ => (),
        }
    }
    // Like its bytes, the text of a UUIDv7 sorts by time.
    latest.sort_by(|one, other| one.id.cmp(&other.id));
    let mut latest = VecDeque::from(latest);
    forget_surplus(dir, &mut latest);
    Ok(latest)
}

fn forget_surplus(dir: &Path, latest: &mut VecDeque<InboxMail>) {
    while latest.len() > MOST_MAILS {
        if let Some(oldest) = latest.pop_front()
            && let Err(error) = fs::remove_file(file_of(dir, &oldest.id))
        {
            tracing::warn!(%error, id = %oldest.id, "an old mail was not removed");
        }
    }
}

fn file_of(dir: &Path, id: &str) -> PathBuf {
    dir.join(format!("{id}.eml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mails_are_found_again_in_order_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mails = Mails::open(dir.path().to_owned()).await.unwrap();
        fs::write(dir.path().join(format!("{}.new", Uuid::now_v7())), "half").unwrap();
        for number in 0..5 {
            mails.keep(format!("Subject: {number}\r\n\r\n").into_bytes()).await.unwrap();
        }
        let subjects = |mails: &Mails| mails.latest().iter().map(|mail| mail.subject.clone()).collect::<Vec<_>>();
        assert_eq!(subjects(&mails), ["4", "3", "2", "1", "0"]);
        let again = Mails::open(dir.path().to_owned()).await.unwrap();
        assert_eq!(again.latest(), mails.latest());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "the half mail is gone");
    }

    #[tokio::test]
    async fn the_oldest_mail_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let first = Uuid::now_v7();
        for id in std::iter::once(first).chain((0..MOST_MAILS).map(|_| Uuid::now_v7())) {
            fs::write(file_of(dir.path(), &id.to_string()), "Subject: one\r\n\r\n").unwrap();
        }
        let mails = Mails::open(dir.path().to_owned()).await.unwrap();
        assert_eq!(mails.latest().len(), MOST_MAILS);
        assert!(!file_of(dir.path(), &first.to_string()).exists());
    }
}
