//! The events of a session that this page knows: the ids behind the numbers, and how far each copy got.

use domain::api::LedgerView;
use domain::{Route, SessionId};
use leptos::prelude::*;

use crate::components::route_label::RouteHeads;
use crate::context::Page;
use crate::format::kind;
use crate::signals::flag;
use crate::state::event_row::EventRow;

const FIRST: usize = 50;
const MOST: usize = 1000;

/// An event: number, what, id, and for each route how far it got and whether the books miss it.
type Line = (u64, &'static str, String, [(&'static str, bool); 3]);

/// The table.
#[component]
pub fn SessionEvents(
    /// Whose events.
    session: SessionId,
    /// The session's books.
    books: RwSignal<Option<LedgerView>>,
) -> impl IntoView {
    let page = Page::here();
    let (missing, most) = (RwSignal::new(false), RwSignal::new(FIRST));
    let lines = Memo::new(move |_| {
        let line = |row: &EventRow| {
            let number = row.number.unwrap_or_default();
            let copy = |route: Route| {
                let misses = |view: &LedgerView| {
                    view.sessions.iter().any(|account| account.route == route && account.gaps.contains(number))
                };
                let state = row.cells[route as usize].as_ref().map_or("not seen here", |cell| cell.state.name());
                (state, state != "processed" && books.with(|books| books.as_ref().is_some_and(misses)))
            };
            (number, kind(row.kind), row.id.to_string(), Route::ALL.map(copy))
        };
        let wanted = |(.., copies): &Line| !missing.get() || copies.iter().any(|(_, missing)| *missing);
        page.state.with(|state| {
            let ids = state.log.of_session(session).into_iter();
            ids.filter_map(|id| state.log.row(id))
                .map(|row| line(&row))
                .filter(wanted)
                .take(most.get())
                .collect::<Vec<_>>()
        })
    });
    // Drawn anew as a whole: nothing in it can be clicked on.
    let table = move || match lines.with(Vec::is_empty) {
        true => {
            let why = match missing.get() {
                true => "No event that this page knows is missing anywhere.",
                false => "None: it knows the latest that it emitted itself or that the live stream showed.",
            };
            view! { <div class="empty"><p>{why}</p></div> }.into_any()
        }
        false => {
            let rows = lines.get().into_iter().map(row).collect_view();
            view! {
                <table class="ledger ids">
                    <thead><tr><th scope="col">"Number"</th><th scope="col">"Event"</th><th scope="col">"Id"</th><RouteHeads/></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            }
            .into_any()
        }
    };
    let no_more = move || lines.with(Vec::len) < most.get();
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=missing on:change=move |event| missing.set(event_target_checked(&event))/>
            <span>"Only those missing somewhere"</span>
        </label>
        <div class="scroll" tabindex="0" role="region" aria-label="Events known to this page">{table}</div>
        <button type="button" class="quiet" hidden=flag(no_more) on:click=move |_| most.update(|most| *most = (*most * 2).min(MOST))>"Show more"</button>
    }
}

fn row((number, what, id, copies): Line) -> AnyView {
    let cells = copies.map(|(state, missing)| {
        let words = if missing { format!("missing; {state} here") } else { state.to_owned() };
        view! { <td data-missing=missing.to_string()>{words}</td> }
    });
    view! {
        <tr data-testid="session-event">
            <th scope="row" class="figures">"#"{number}</th><td>{what}</td><td class="mono">{id}</td>{cells.collect_view()}
        </tr>
    }
    .into_any()
}
