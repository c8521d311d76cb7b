//! The events of a session that this page knows: the ids behind the numbers, and how far each copy got.

use std::sync::Arc;

use domain::{Intervals, Route, SessionId};
use leptos::prelude::*;
use uuid::Uuid;

use crate::context::Page;
use crate::format::kind;
use crate::state::Row;

const FIRST: usize = 50;
const MOST: usize = 500;

/// The numbers missing on each route, in their order.
type Gaps = Arc<[Intervals; 3]>;

/// The section.
#[component]
pub fn SessionEvents(
    /// Whose events.
    session: SessionId,
    /// The numbers missing on each route.
    gaps: Memo<Gaps>,
) -> impl IntoView {
    let page = Page::here();
    let (missing, most) = (RwSignal::new(false), RwSignal::new(FIRST));
    let wanted = Memo::new(move |_| {
        page.state.with(|state| {
            let mut ids = state.log.of_session(session);
            if missing.get() {
                let number = |id: &Uuid| state.log.row(*id).and_then(|row| row.number).unwrap_or_default();
                ids.retain(|id| gaps.with(|gaps| gaps.iter().any(|gaps| gaps.contains(number(id)))));
            }
            ids
        })
    });
    let ids = Memo::new(move |_| wanted.with(|ids| ids.iter().take(most.get()).copied().collect::<Vec<_>>()));
    let more = move || wanted.with(|ids| ids.len() > most.get());
    let heads = Route::ALL.map(|route| view! { <th scope="col">{route.name()}</th> }).collect_view();
    let empty = move || ids.with(Vec::is_empty);
    let why = move || match missing.get() {
        true => "No event that this page knows is missing anywhere.",
        false => {
            "This page knows no event of this session: it has the latest that it emitted or that the live stream showed."
        }
    };
    let row = move |id: Uuid| view! { <EventRow id gaps/> };
    view! {
        <div class="title">
            <h2>"Events known to this page"</h2>
            <label class="switch">
                <input type="checkbox" role="switch" prop:checked=missing on:change=move |event| missing.set(event_target_checked(&event))/>
                <span>"Only those missing somewhere"</span>
            </label>
        </div>
        <Show when=empty><div class="empty"><p>{why}</p></div></Show>
        <div class="scroll" tabindex="0" role="region" aria-label="Events known to this page" hidden=empty>
            <table class="ledger ids">
                <thead><tr><th scope="col">"Number"</th><th scope="col">"Event"</th><th scope="col">"Id"</th>{heads}</tr></thead>
                <tbody><For each=move || ids.get() key=|id| *id children=row/></tbody>
            </table>
        </div>
        <Show when=more>
            <button type="button" class="quiet" on:click=move |_| most.update(|most| *most = (*most * 2).min(MOST))>"Show more"</button>
        </Show>
    }
}

#[component]
fn EventRow(id: Uuid, gaps: Memo<Gaps>) -> impl IntoView {
    let page = Page::here();
    let row: Memo<Option<Arc<Row>>> = Memo::new(move |_| page.state.with(|state| state.log.row(id)));
    let Some(shown) = row.get_untracked() else { return ().into_any() };
    let number = shown.number.unwrap_or_default();
    let cells = Route::ALL.map(|route| {
        let state = move || row.with(|row| row.as_ref()?.cells[route as usize].as_ref().map(|cell| cell.state.name()));
        let missing = move || gaps.with(|gaps| gaps[route as usize].contains(number));
        let words = move || match (missing(), state()) {
            (_, Some("processed")) => "processed".to_owned(),
            (true, state) => format!("missing; {}", state.unwrap_or("never seen here")),
            (false, state) => state.unwrap_or("–").to_owned(),
        };
        view! { <td data-missing=move || missing().to_string()>{words}</td> }
    });
    view! {
        <tr data-testid="session-event">
            <th scope="row" class="figures">"#"{number}</th>
            <td class="kind">{kind(shown.kind)}</td>
            <td class="mono">{id.to_string()}</td>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}
