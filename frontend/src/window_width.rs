//! Whether the window is wide.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Follows the width of the window as long as the page lives; the styles have the same limit.
pub fn follow() -> RwSignal<bool> {
    let wide = RwSignal::new(false);
    if let Ok(Some(query)) = window().match_media("(min-width: 48rem)") {
        wide.set(query.matches());
        let of = query.clone();
        let changed = Closure::<dyn Fn()>::new(move || wide.set(of.matches()));
        query.set_onchange(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    }
    wide
}
