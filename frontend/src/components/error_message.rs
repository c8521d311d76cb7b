//! Why a page cannot show what it is there for.

use leptos::prelude::*;

/// The reason; nothing while all is well.
#[component]
pub fn ErrorMessage(
    /// The reason, if there is one.
    why: RwSignal<Option<String>>,
) -> impl IntoView {
    move || why.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> })
}
