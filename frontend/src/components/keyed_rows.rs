//! Rows that stay the same elements, with their focus, as long as what they show is shown.

use domain::Route;
use leptos::prelude::*;
use uuid::Uuid;

/// What tells one row from another: an event, or a session on a route.
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
