//! `localStorage` as the session storage. Where the browser denies it, saving returns an error.

use web_sys::Storage;

use crate::storage::SessionStorage;

pub(super) struct LocalStorage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

impl SessionStorage for LocalStorage {
    fn get(&self, key: &str) -> Option<String> {
        storage()?.get_item(key).ok()?
    }

    fn set(&self, key: &str, text: &str) -> Result<(), String> {
        let storage = storage().ok_or("this browser does not allow the page to store data")?;
        storage.set_item(key, text).map_err(|_| "the browser's storage for this page is full".to_owned())
    }

    fn remove(&self, key: &str) {
        if let Some(storage) = storage() {
            storage.remove_item(key).ok();
        }
    }

    fn keys(&self) -> Vec<String> {
        let Some(storage) = storage() else { return Vec::new() };
        let length = storage.length().unwrap_or(0);
        (0..length).filter_map(|index| storage.key(index).ok().flatten()).collect()
    }
}
