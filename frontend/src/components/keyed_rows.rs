//! Rows with keys: a row stays the same element, with its focus, as long as its key is shown.

use domain::Route;
use leptos::prelude::*;
use uuid::Uuid;

/// The key of a row: an event, or a session on a route.
pub type Key = (Uuid, Option<Route>);

/// One component for all such lists: a second kind of keyed list is 6 KB of Wasm, uncompressed.
#[component]
pub fn Rows(
    /// The rows, in their order.
    keys: Signal<Vec<Key>>,
    /// Makes a row.
    row: Callback<Key, AnyView>,
) -> impl IntoView {
    view! { <For each=move || keys.get() key=|key| *key children=move |key| row.run(key)/> }
}
