//! All that is known of one event: when it passed each stop on each route, what the rules made of it, and the event itself.

use std::sync::Arc;

use domain::Route;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::finding::mail_words;
use crate::context::Page;
use crate::format::{duration, time_of_day};
use crate::state::{Cell, CellState, Row, STOPS, passage, place, raw};

/// The detail below an event's row, in the same columns.
#[component]
pub fn EventDetail(
    /// The event's row.
    row: Memo<Option<Arc<Row>>>,
    /// What the row's button names as the element it opens.
    id: String,
) -> impl IntoView {
    let heads = Route::ALL.map(|route| view! { <th scope="col">{route.name()}</th> }).collect_view();
    let stops = (0..STOPS.len()).map(|stop| view! { <StopRow row stop/> }).collect_view();
    let places =
        Route::ALL.map(|route| view! { <td data-route=route.name()>{move || words_of_place(&row, route)}</td> });
    let rules = Route::ALL.map(|route| view! { <td data-route=route.name()><Rules row route/></td> });
    let text = move || row.with(|row| row.as_ref().map(|row| raw(row)));
    let ids = move || row.get().map(|row| view! { <Ids row/> });
    view! {
        <div class="detail" id=id data-testid="event-detail">
            <table>
                <caption class="hidden">"When it passed each stop, by the clock of the machine it passed"</caption>
                <thead class="hidden"><tr><th scope="col">"Stop"</th>{heads}</tr></thead>
                <tbody>{stops}
                    <tr class="lane"><th scope="row">"Place on the route"</th>{places.collect_view()}</tr>
                    <tr class="lane"><th scope="row">"Rules"</th>{rules.collect_view()}</tr>
                </tbody>
            </table>
            <div class="facts">{ids}<pre class="raw" tabindex="0" role="region" aria-label="The event as JSON">{text}</pre></div>
        </div>
    }
}

/// The cell of a route, if the event was meant for it.
fn cell(row: &Memo<Option<Arc<Row>>>, route: Route) -> Option<Cell> {
    row.with(|row| row.as_ref().and_then(|row| row.cells[route as usize].clone()))
}

#[component]
fn StopRow(row: Memo<Option<Arc<Row>>>, stop: usize) -> impl IntoView {
    let page = Page::here();
    let time = move |route| {
        let (emitted, cell) = (row.with(|row| row.as_ref().map(|row| row.time))?, cell(&row, route)?);
        let at = passage(&cell)[stop]?;
        let tries = (STOPS[stop] == "Sent" && cell.tries > 1).then(|| format!(" ×{}", cell.tries));
        let since = duration(at.millis_since(emitted));
        let sign = if since.starts_with('−') { "" } else { "+" };
        Some(view! {
            <span class="since">{sign}{since}{tries}</span>
            <time datetime=at.to_string()>{time_of_day(at, page.offset_minutes)}</time>
        })
    };
    let cells = Route::ALL.map(|route| {
        view! { <td class="figures" data-route=route.name()>{move || time(route).map_or_else(|| "–".into_any(), IntoAny::into_any)}</td> }
    });
    view! { <tr class="lane"><th scope="row">{STOPS[stop]}</th>{cells.collect_view()}</tr> }
}

fn words_of_place(row: &Memo<Option<Arc<Row>>>, route: Route) -> String {
    match (cell(row, route).map(|cell| (cell.state, cell.position)), route) {
        (Some((_, Some(position))), _) => place(position),
        (Some((CellState::Processed, None)), Route::HttpPush) => "none: handed on".to_owned(),
        _ => "–".to_owned(),
    }
}

/// What the rules made of one copy: alerts with their mails, or nothing.
#[component]
fn Rules(row: Memo<Option<Arc<Row>>>, route: Route) -> impl IntoView {
    let page = Page::here();
    let words = Memo::new(move |_| {
        let event = row.with(|row| row.as_ref().map(|row| row.id));
        let (Some(event), Some(cell)) = (event, cell(&row, route)) else { return vec!["–".to_owned()] };
        page.state.with(|state| {
            let alerts = state.findings.alerts_in(event, route);
            let mail = |alert| mail_words(state.findings.mail_state(alert));
            let found: Vec<_> = alerts.map(|alert| format!("{}: {}", alert.subject, mail(alert.id))).collect();
            match (found.is_empty(), cell.alert, cell.state) {
                (false, ..) => found,
                (true, Some(alert), _) => vec![format!("Alert: {}", mail(alert))],
                (true, None, CellState::Processed) => vec!["no alert".to_owned()],
                (true, None, _) => vec!["–".to_owned()],
            }
        })
    });
    move || words.get().into_iter().map(|words| view! { <span class="rule-words">{words}</span> }).collect_view()
}

#[component]
fn Ids(row: Arc<Row>) -> impl IntoView {
    let session = row.session.map(|session| {
        let href = format!("/ledger/{session}");
        view! { <dt>"Session"</dt><dd class="mono"><A href=href>{session.to_string()}</A></dd> }
    });
    let number = row.number.map(|number| view! { <dt>"Sequence"</dt><dd class="figures">{number.to_string()}</dd> });
    let key = (!row.key.is_empty()).then(|| view! { <dt>"Client"</dt><dd class="mono">{row.key.clone()}</dd> });
    let partial = row.event.is_none().then(|| {
        view! { <dt>"Raw"</dt><dd>"Emitted elsewhere: the live stream does not carry its data."</dd> }
    });
    view! { <dl><dt>"Event"</dt><dd class="mono">{row.id.to_string()}</dd>{session}{number}{key}{partial}</dl> }
}
