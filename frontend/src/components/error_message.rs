//! The reason why a page has no data.

use leptos::prelude::*;

use crate::signals::changing;

/// The reason; nothing if there is none.
#[component]
pub fn ErrorMessage(
    /// The reason, if there is one.
    why: RwSignal<Option<String>>,
) -> impl IntoView {
    changing(move || why.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> }))
}
