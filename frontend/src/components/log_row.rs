//! One event of the log, with its fate on each route.

use std::sync::Arc;

use domain::Route;
use leptos::prelude::*;
use uuid::Uuid;

use crate::components::fate_cell::FateCell;
use crate::context::Page;
use crate::format::{carries, kind, time_of_day};
use crate::state::Row;

/// The row of an event; it updates itself.
#[component]
pub fn LogRow(
    /// The event's id.
    id: Uuid,
) -> impl IntoView {
    let page = Page::here();
    let row: Memo<Option<Arc<Row>>> = Memo::new(move |_| page.state.with(|state| state.log.row(id)));
    // What an event is never changes; only its fates do.
    let Some(event) = row.get_untracked() else { return ().into_any() };
    let cells = Route::ALL.map(|route| view! { <FateCell row route/> }).collect_view();
    let whose = if event.mine { String::new() } else { event.key.clone() };
    view! {
        <li class="lane row" data-testid="log-row" data-kind=event.kind.name() data-id=id.to_string()>
            <div class="label">
                <span class="what"><span class="kind">{kind(event.kind)}</span>" "<span class="carries">{carries(&event.data)}</span></span>
                <span class="when figures">
                    {event.number.map(|number| format!("#{number} "))}
                    <time>{time_of_day(event.time, page.offset_minutes)}</time>
                    {whose}
                </span>
            </div>
            {cells}
        </li>
    }
    .into_any()
}
