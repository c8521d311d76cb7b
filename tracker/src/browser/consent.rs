//! Whether the visitor wants to be tracked.

use js_sys::Reflect;
use wasm_bindgen_futures::spawn_local;
use web_sys::Storage;

use super::database::Database;

/// Under this key of `localStorage` a site keeps the visitor's wish not to be tracked.
const OPTED_OUT: &str = "ese.opted-out";

/// Whether tracking may start: no opt-out, and unless that is ignored, neither Do Not Track nor Global Privacy Control.
pub fn may_track(ignore_dnt: bool) -> bool {
    !has_opted_out() && (ignore_dnt || !signals_no())
}

/// Whether the visitor opted out on this site.
pub fn has_opted_out() -> bool {
    storage().is_some_and(|storage| storage.get_item(OPTED_OUT).ok().flatten().is_some())
}

/// Remembers an opt-out, and removes all that this site has stored; `Tracking::end` stops what runs. Returns whether the site
/// could keep it.
pub fn opt_out() -> bool {
    let is_kept = storage().is_some_and(|storage| storage.set_item(OPTED_OUT, "1").is_ok());
    // `Tracking::end` does the same at once, but only where tracking runs and its database is open.
    spawn_local(async {
        if let Ok(database) = Database::open().await {
            database.clear().ok();
        }
    });
    is_kept
}

/// Forgets an opt-out.
pub fn opt_in() {
    if let Some(storage) = storage() {
        storage.remove_item(OPTED_OUT).ok();
    }
}

fn signals_no() -> bool {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return true };
    let says = |name: &str| Reflect::get(&navigator, &name.into()).unwrap_or_default();
    says("doNotTrack").as_string().as_deref() == Some("1") || says("globalPrivacyControl").is_truthy()
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
