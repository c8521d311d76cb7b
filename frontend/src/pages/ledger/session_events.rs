//! The events of a session known to this page: their numbers, their ids, and the state of each copy.

use domain::api::LedgerView;
use domain::{Route, SessionId};
use leptos::prelude::*;

use crate::components::route_label::RouteHeads;
use crate::context::Page;
use crate::format::type_name;
use crate::memo::Memo;
use crate::signals::{changing, flag};
use crate::state::event_row::EventRow;

const FIRST: usize = 50;
const MOST: usize = 1000;

/// An event: number, kind, id, and for each route its state and whether the ledger misses it.
type Line = (u64, String, String, [(&'static str, bool); 3]);

/// The table.
#[component]
pub fn SessionEvents(
    /// The session.
    session: SessionId,
    /// The session's ledger.
    ledger: RwSignal<Option<LedgerView>>,
) -> impl IntoView {
    let page = Page::here();
    let (missing, most) = (RwSignal::new(false), RwSignal::new(FIRST));
    let lines = Memo::new(move |_| {
        let line = |row: &EventRow| {
            let number = row.number.unwrap_or_default();
            let copy = |route: Route| {
                let misses = |view: &LedgerView| {
                    view.sessions.iter().any(|session| session.route == route && session.gaps.contains(number))
                };
                let state = row.copies[route as usize].as_ref().map_or("not seen here", |copy| copy.state.name());
                (state, state != "processed" && ledger.with(|ledger| ledger.as_ref().is_some_and(misses)))
            };
            (number, type_name(&row.kind).to_owned(), row.id.to_string(), Route::ALL.map(copy))
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
    // The whole table is drawn again; it has no controls.
    let table = move || match lines.with(Vec::is_empty) {
        true => {
            let why = match missing.get() {
                true => "No event known to this page is missing.",
                false => "None. The page has only its own latest events and those of the live stream.",
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
        <div class="scroll" tabindex="0" role="region" aria-label="Events known to this page">{changing(table)}</div>
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
