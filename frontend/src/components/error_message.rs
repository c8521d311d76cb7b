//! The reason why a page has no data.

use leptos::prelude::*;

/// The reason; nothing if there is none.
#[component]
pub fn ErrorMessage(
    /// The reason, if there is one.
    why: RwSignal<Option<String>>,
) -> impl IntoView {
    move || why.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> })
}
