//! Write keys: who may send events and reports, from which origins, and how much.
//!
//! A key is a random secret of 256 bits; the file has only its hash. The file is read again whenever it changes. Each
//! process counts for itself: two backends let a key send twice as much.

mod entry;
mod limit;
mod sender;

pub use entry::{KeyEntry, KeysFile, name, origin};
pub use sender::{Sender, Sent};

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderValue;
use domain::api::MAX_BODY_BYTES;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::admin::Admin;
use crate::secret::{self, SecretHash};
use crate::{cors, followed_file};
use entry::ANY;
use limit::Limit;

/// What every key begins with, so that it is recognised where it should not be.
const PREFIX: &str = "ese_";
/// The fewest bytes that a key may send at once: the largest body fits.
const FEWEST_BYTES: u32 = MAX_BODY_BYTES as u32;

/// The option for the write keys.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KeyConfig {
    /// File with the write keys, which sending then needs, read again whenever it changes; `ese key add` makes it; without it every client that reaches the port may send
    #[arg(long, env = "ESE_KEYS_FILE", value_name = "FILE")]
    pub keys_file: Option<PathBuf>,
}

impl KeyConfig {
    /// The flag of the keys, and whether it is given.
    pub fn secret(&self) -> (&'static str, bool) {
        ("--keys-file", self.keys_file.is_some())
    }
}

/// A new key.
pub fn random() -> String {
    format!("{PREFIX}{}", secret::random())
}

/// Who may send; the clones share it.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    keys: Option<Keys>,
    admin: Admin,
}

impl Senders {
    /// Reads the keys and follows their file. Without a file everybody may send.
    pub fn load(config: &KeyConfig, admin: Admin) -> anyhow::Result<Self> {
        let keys = config.keys_file.as_deref().map(Keys::load).transpose()?;
        Ok(Self { keys, admin })
    }

    /// The CORS headers for pages of the keys' origins; none without keys.
    ///
    /// A preflight carries no key, so any key's origin passes there. The request itself is checked against its own key.
    pub fn cors(&self) -> Option<CorsLayer> {
        let keys = self.keys.clone()?;
        let lists = move |origin: &HeaderValue, _: &_| keys.present().iter().any(|key| key.lists(origin));
        Some(cors::sending(AllowOrigin::predicate(lists)))
    }
}

/// The keys of the file as it was read last.
#[derive(Clone, Debug)]
struct Keys(Arc<RwLock<Arc<[Arc<Key>]>>>);

/// A key, with what it has sent.
#[derive(Debug)]
struct Key {
    entry: KeyEntry,
    events: Limit,
    bytes: Limit,
}

impl Keys {
    fn load(file: &Path) -> anyhow::Result<Self> {
        let keys = Self(Arc::new(RwLock::new(Arc::new([]))));
        let followed = keys.clone();
        let first = followed_file::follow_or_fail(file.to_owned(), move |text| {
            let text = text.map_err(|why| format!("{why}; `ese key add` makes it"))?;
            let next = Key::all(KeysFile::parse(text)?, &followed.present());
            tracing::info!(keys = next.len(), "the write keys were read");
            *followed.0.write().unwrap_or_else(PoisonError::into_inner) = next;
            Ok(())
        });
        first.map_err(|why| anyhow::anyhow!("the file of the write keys {}: {why}", file.display()))?;
        Ok(keys)
    }

    fn present(&self) -> Arc<[Arc<Key>]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key with this secret. All are compared, whichever it is.
    fn find(&self, given: &[u8]) -> Option<Arc<Key>> {
        let given = SecretHash::of(given);
        self.present()
            .iter()
            .fold(None, |found, key| if key.entry.sha256.is(&given) { Some(key.clone()) } else { found })
    }
}

impl Key {
    /// The keys of a file. One that has not changed keeps the count of what it has sent.
    fn all(file: KeysFile, before: &[Arc<Self>]) -> Arc<[Arc<Self>]> {
        let same = |entry: &KeyEntry| before.iter().find(|key| key.entry.is(entry)).cloned();
        file.keys.into_iter().map(|entry| same(&entry).unwrap_or_else(|| Arc::new(Self::new(entry)))).collect()
    }

    fn new(entry: KeyEntry) -> Self {
        let bytes = Limit::new(entry.bytes_per_second, entry.bytes_per_second.max(FEWEST_BYTES));
        Self { events: Limit::new(entry.events_per_second, entry.burst), bytes, entry }
    }

    fn lists(&self, origin: &HeaderValue) -> bool {
        self.entry.origins.iter().any(|known| known == ANY || origin == known.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_missing_at_the_start_is_named() {
        let config = KeyConfig { keys_file: Some("/nowhere/keys.json".into()) };
        let error = Senders::load(&config, Admin::default()).unwrap_err().to_string();
        let expected = "the file of the write keys /nowhere/keys.json: it cannot be read (No such file or directory \
                        (os error 2)); `ese key add` makes it";
        assert_eq!(error, expected);
    }
}
