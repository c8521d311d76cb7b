//! What waits to be written, and the write that is under way.

use domain::{RouteChoice, Timestamp};

use super::database::Database;
use crate::queue::Limit;
use crate::tracker::Prepared;

/// The state of the storage.
#[derive(Default)]
pub(super) struct Store {
    pub(super) database: Option<Database>,
    /// Events that are not emitted yet; of these, the first are being written.
    pub(super) staged: Vec<(Prepared, RouteChoice)>,
    pub(super) staged_bytes: usize,
    pub(super) writing: Option<Write>,
    /// Counts the writes, so that one that comes late changes nothing.
    pub(super) writes: u64,
    /// Why the last write failed, if it did.
    pub(super) unsaved: Option<String>,
}

/// A write that is under way.
#[derive(Clone, Copy)]
pub(super) struct Write {
    pub(super) number: u64,
    pub(super) events: usize,
    pub(super) since: Timestamp,
}

impl Store {
    /// Takes an event, or gives it back if too many wait to be written.
    pub(super) fn stage(&mut self, prepared: Prepared, choice: RouteChoice) -> Result<(), Prepared> {
        let bytes = self.staged_bytes + prepared.json.len();
        if self.staged.len() >= Limit::PAGE.events || bytes > Limit::PAGE.bytes {
            return Err(prepared);
        }
        self.staged_bytes = bytes;
        self.staged.push((prepared, choice));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.writing.is_none()
    }

    /// Forgets all that is not emitted, and removes all that was written.
    pub(super) fn clear(&mut self) {
        (self.staged, self.staged_bytes, self.writing) = (Vec::new(), 0, None);
        if let Some(database) = &self.database {
            database.clear().ok();
        }
    }
}
