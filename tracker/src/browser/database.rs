//! IndexedDB as the storage of sessions: every call is one transaction.

use domain::Timestamp;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::queue::Limit;
use crate::storage::{self, Change, Table};
use crate::tracker::Tracker;
use crate::tracker_event::TrackerEvent;

const NAME: &str = "ese";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = IdbTransaction)]
    type Transaction;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Transaction) -> Result<(), JsValue>;
}

/// The database of this page's origin.
#[derive(Clone)]
pub(super) struct Database(IdbDatabase);

impl Database {
    pub(super) async fn open() -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or("there is no window")?;
        let factory = window.indexed_db()?.ok_or("this browser has no IndexedDB")?;
        let request = factory.open_with_u32(NAME, 1)?;
        let opening: IdbOpenDbRequest = request.clone();
        let create = Closure::once(move || {
            if let Some(database) = opening.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok()) {
                Table::ALL.into_iter().for_each(|table| _ = database.create_object_store(table.name()));
            }
        });
        request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
        Ok(Self(done(&request).await?.dyn_into()?))
    }

    fn begin(&self) -> Result<IdbTransaction, JsValue> {
        let tables: Array = Table::ALL.into_iter().map(|table| JsValue::from_str(table.name())).collect();
        self.0.transaction_with_str_sequence_and_mode(&tables, IdbTransactionMode::Readwrite)
    }

    /// Makes all changes, or none; they are made when the promise is fulfilled.
    pub(super) fn write(&self, changes: &[Change]) -> Result<Promise, JsValue> {
        let transaction = self.begin()?;
        put(&transaction, changes)?;
        let written = committed(&transaction);
        // Without it the browser waits for more; a page that is being closed has no time for that.
        transaction.unchecked_ref::<Transaction>().commit()?;
        Ok(written)
    }

    /// Takes over the sessions of closed tabs. Of several tabs, only one gets a session.
    pub(super) async fn adopt(
        &self,
        limit: Limit,
        lease_ms: i64,
        now: Timestamp,
    ) -> Result<Vec<(Tracker, Vec<TrackerEvent>)>, JsValue> {
        let transaction = self.begin()?;
        let heads = transaction.object_store(Table::Sessions.name())?.get_all()?;
        let heads = texts(&done(&heads).await?);
        let (mut adopted, mut changes) = (Vec::new(), Vec::new());
        for head in storage::closed(&heads, now) {
            let (from, to) = storage::event_keys(head.session());
            let range = IdbKeyRange::bound(&from.into(), &to.into())?;
            let entries = transaction.object_store(Table::Events.name())?.get_all_with_key(&range)?;
            let entries = texts(&done(&entries).await?);
            let (mut tracker, events) = head.adopt(&entries, limit, now);
            changes.extend(storage::changes(&mut tracker, false, lease_ms, now));
            adopted.push((tracker, events));
        }
        if !changes.is_empty() {
            put(&transaction, &changes)?;
            JsFuture::from(committed(&transaction)).await?;
        }
        Ok(adopted)
    }

    /// Removes everything.
    pub(super) fn clear(&self) -> Result<(), JsValue> {
        let transaction = self.begin()?;
        for table in Table::ALL {
            transaction.object_store(table.name())?.clear()?;
        }
        transaction.unchecked_ref::<Transaction>().commit()
    }
}

fn put(transaction: &IdbTransaction, changes: &[Change]) -> Result<(), JsValue> {
    let [sessions, events] = [Table::Sessions, Table::Events].map(|table| transaction.object_store(table.name()));
    let (sessions, events) = (sessions?, events?);
    for change in changes {
        match change {
            Change::Put(Table::Sessions, key, text) => sessions.put_with_key(&text.into(), &key.into())?,
            Change::Put(Table::Events, key, text) => events.put_with_key(&text.into(), &key.into())?,
            Change::Remove(table, first, last) => {
                let range = IdbKeyRange::bound(&first.into(), &last.into())?;
                if *table == Table::Sessions { sessions.delete(&range)? } else { events.delete(&range)? }
            }
        };
    }
    Ok(())
}

fn texts(list: &JsValue) -> Vec<String> {
    list.dyn_ref::<Array>().map(|list| list.iter().filter_map(|text| text.as_string()).collect()).unwrap_or_default()
}

/// The result of a request. The transaction goes on as long as the caller waits for nothing else.
async fn done(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let ended = Promise::new(&mut |fulfil, reject| {
        request.set_onsuccess(Some(&fulfil));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(ended).await?;
    request.result()
}

fn committed(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |fulfil, reject| {
        transaction.set_oncomplete(Some(&fulfil));
        transaction.set_onabort(Some(&reject));
    })
}
