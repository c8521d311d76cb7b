//! The dot of an event on a line: it stands where the state says, and moves when the state changes.

use std::sync::Arc;

use leptos::prelude::*;

use super::copy_progress::is_under_way;
use crate::components::keyed_rows::{Key, Rows};
use crate::memo::Memo;
use crate::signals::text;
use crate::state::event_row::EventRow;

/// The line with the dot. Each event has a dot of its own, so that none runs back for the next event.
#[component]
pub fn Dot(
    /// The event.
    row: Memo<Option<Arc<EventRow>>>,
    /// Its place.
    place: Memo<&'static str>,
) -> impl IntoView {
    let keys = Memo::new(move |_| row.with(|row| row.iter().map(|row| (row.id, None)).collect::<Vec<Key>>()));
    let dot = Callback::new(move |_: Key| {
        // An event that was processed before, on an earlier visit of the page, is shown without motion.
        let moves = row.with_untracked(|row| row.as_deref().is_some_and(is_under_way));
        view! { <i class="runner" data-at=text(move || place.get().to_owned()) data-moves=moves.to_string()></i> }
            .into_any()
    });
    view! { <div class="line" aria-hidden="true"><Rows keys=keys.signal() row=dot/></div> }
}
