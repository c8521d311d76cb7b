//! One event of the log, with its delivery on each route; a click opens its detail.

use std::sync::Arc;

use domain::{EventType, Route};
use leptos::prelude::*;
use uuid::Uuid;

use super::delivery_cell::DeliveryCell;
use super::event_detail::EventDetail;
use crate::context::Page;
use crate::format::{beginning, carries, duration, time_of_day, type_name};
use crate::memo::Memo;
use crate::signals::text;
use crate::state::event_row::EventRow;

/// The row of an event; it updates itself.
#[component]
pub fn LogRow(
    /// The event's id.
    id: Uuid,
) -> impl IntoView {
    let page = Page::here();
    let row: Memo<Option<Arc<EventRow>>> = Memo::new(move |_| page.state.with(|state| state.log.row(id)));
    // An event never changes, only its deliveries do.
    let Some(shown) = row.get_untracked() else { return ().into_any() };
    let open = RwSignal::new(false);
    let cells = Route::ALL.map(|route| view! { <DeliveryCell row route/> }).collect_view();
    let carried = carried(&shown);
    let whose = if shown.mine { String::new() } else { shown.key.clone() };
    let queued = text(move || {
        let millis = row.with(|row| row.as_ref().and_then(|row| row.queued_ms()));
        millis.map(|millis| format!(" · queued {}", duration(millis))).unwrap_or_default()
    });
    let detail_id = format!("detail-{id}");
    view! {
        <li class="lane row" data-testid="log-row" data-kind=shown.kind.name().to_owned() data-id=id.to_string()>
            <button type="button" class="label" data-testid="log-open" aria-controls=detail_id.clone()
                aria-expanded=text(move || open.get().to_string()) on:click=move |_| open.update(|open| *open = !*open)>
                <span class="what"><span class="kind">{type_name(&shown.kind).to_owned()}</span>" "<span class="carries">{carried}</span></span>
                <span class="when figures">
                    {shown.number.map(|number| format!("#{number} "))}
                    <time>{time_of_day(shown.time, page.offset_minutes)}</time>" "{whose}
                    {queued}
                </span>
            </button>
            {cells}
            <Show when=move || open.get()><EventDetail row id=detail_id.clone()/></Show>
        </li>
    }
    .into_any()
}

/// The data in short; that of a type of one's own is shown as it is.
fn carried(row: &EventRow) -> String {
    match (&row.kind, &row.event, &row.data) {
        (EventType::Known(_), Some(event), _) => carries(&event.data.value()),
        (EventType::Custom(_), Some(event), _) => beginning(event.data.json()),
        (_, None, Some(data)) => beginning(data),
        (_, None, None) => String::new(),
    }
}
