//! Events are written before they are emitted; one transaction at a time takes all that came meanwhile.

use domain::Timestamp;
use js_sys::Promise;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::database::Database;
use super::store::Write;
use super::{COALESCE_MS, Inner, Tracking, now, page_lifecycle};
use crate::queue::Limit;
use crate::storage;
use crate::tracker::{self, Tracker};

/// A browser that does not answer for so long does not store anything, in milliseconds.
const PATIENCE_MS: i64 = 3_000;

const DENIED: &str = "this browser does not allow the page to store data";
const FULL: &str = "the browser's storage for this page is full";
const SLOW: &str = "the browser's storage does not answer";

impl Inner {
    /// Begins to write all that changed, and says how it ends; none if nothing changed.
    fn begin_write(&mut self, lease_ms: i64, now: Timestamp) -> Option<(u64, Result<Promise, String>)> {
        let Self { trackers, store, .. } = self;
        let own = trackers[0].session();
        let mut changes: Vec<_> =
            store.staged.iter().map(|(prepared, choice)| storage::event(own, prepared, choice.routes())).collect();
        let coming = !changes.is_empty();
        for (index, tracker) in trackers.iter_mut().enumerate() {
            changes.extend(storage::changes(tracker, coming && index == 0, lease_ms, now));
        }
        let mut index = 0;
        trackers.retain(|tracker| {
            index += 1;
            index == 1 || !tracker.is_done()
        });
        if changes.is_empty() {
            return None;
        }
        store.writes += 1;
        store.writing = Some(Write { number: store.writes, events: store.staged.len(), since: now });
        let written = match &store.database {
            Some(database) => database.write(&changes).map_err(|_| FULL.to_owned()),
            None => Err(store.unsaved.clone().unwrap_or_else(|| DENIED.to_owned())),
        };
        Some((store.writes, written))
    }

    /// Emits the events of a write that has ended.
    pub(super) fn end_write(&mut self, number: u64, failure: Option<String>, now: Timestamp) {
        let Some(write) = self.store.writing.take_if(|write| write.number == number) else { return };
        match failure {
            Some(failure) => self.store.unsaved = Some(failure),
            // An earlier failure remains until all is sent: no new event replaces the one that was not saved.
            None if self.trackers.iter().all(Tracker::is_done) => self.store.unsaved = None,
            None => (),
        }
        for (prepared, choice) in self.store.staged.drain(..write.events) {
            self.store.staged_bytes -= prepared.json.len();
            self.events.extend(self.trackers[0].admit(prepared, choice.routes(), now));
        }
        self.events.extend(tracker::bound(&mut self.trackers, Limit::PAGE, now));
    }

    /// Emits what is not written yet, as the page closes.
    pub(super) fn end_all_writes(&mut self, now: Timestamp) {
        self.begin_write(0, now);
        let number = self.store.writes;
        self.end_write(number, None, now);
    }

    /// Ends a write that takes too long.
    pub(super) fn give_up_write(&mut self, now: Timestamp) {
        let late = |write: &Write| now > write.since.plus_millis(PATIENCE_MS);
        if let Some(write) = self.store.writing.filter(late) {
            self.end_write(write.number, Some(SLOW.to_owned()), now);
        }
    }
}

impl Tracking {
    /// Opens the storage, and takes over what closed tabs left in it.
    pub(super) async fn open_store(&self) {
        let opened = Database::open().await;
        let mut inner = self.0.borrow_mut();
        match opened {
            Ok(database) => inner.store.database = Some(database),
            Err(_) => inner.store.unsaved = Some(DENIED.to_owned()),
        }
        inner.store.writing = None;
        drop(inner);
        self.adopt();
        self.write();
    }

    /// Before the storage is open, nothing is written, and so nothing is emitted.
    pub(super) fn hold_until_open(&self) {
        let write = Write { number: 0, events: 0, since: now() };
        self.0.borrow_mut().store.writing = Some(write);
    }

    /// Writes all that changed, unless a write is under way.
    pub(super) fn write(&self) {
        let mut inner = self.0.borrow_mut();
        if !inner.store.is_idle() || inner.gone {
            return;
        }
        let Some((number, written)) = inner.begin_write(page_lifecycle::lease_ms(), now()) else { return };
        drop(inner);
        let this = self.clone();
        spawn_local(async move {
            let failure = match written {
                Ok(written) => JsFuture::from(written).await.err().map(|_| FULL.to_owned()),
                Err(failure) => Some(failure),
            };
            let now = now();
            this.0.borrow_mut().end_write(number, failure, now);
            this.wake_at(now.plus_millis(COALESCE_MS));
            this.notify();
            this.write();
        });
    }

    /// Takes over the sessions of closed tabs.
    pub(super) fn adopt(&self) {
        let Some(database) = self.0.borrow().store.database.clone() else { return };
        let this = self.clone();
        spawn_local(async move {
            let Ok(adopted) = database.adopt(Limit::PAGE, page_lifecycle::lease_ms(), now()).await else { return };
            let mut inner = this.0.borrow_mut();
            for (tracker, events) in adopted {
                if inner.trackers.iter().all(|own| own.session() != tracker.session()) {
                    inner.trackers.push(tracker);
                    inner.events.extend(events);
                }
            }
            drop(inner);
            this.drive();
        });
    }
}
