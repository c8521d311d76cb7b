//! The detail of one event: its stops on each route, the alerts about it, and its JSON.

use std::sync::Arc;

use domain::{Route, Timestamp};
use leptos::prelude::*;
use tracker::clock_offset::Offset;

use super::event_stops::{BY_SERVER, STOPS, event_json, place, stop_times};
use crate::address::Link;
use crate::components::fold::Fold;
use crate::components::route_label::RouteHeads;
use crate::context::Page;
use crate::format::{duration, mail_words, time_of_day};
use crate::memo::Memo;
use crate::signals::changing;
use crate::state::event_row::{CopyState, EventCopy, EventRow};
use crate::state::findings::Findings;

/// The detail below an event's row, in the same columns.
#[component]
pub fn EventDetail(
    /// The event's row.
    row: Memo<Option<Arc<EventRow>>>,
    /// The id of the element, for the row's button.
    id: String,
) -> impl IntoView {
    let page = Page::here();
    // All contents are drawn again at each change of the event, a few times.
    let clock = move || page.state.with_untracked(|state| state.sending.clock);
    let stops = move || row.get().map(|row| stop_rows(&row, clock().filter(|_| row.mine), page.offset_minutes));
    let rules = move || {
        let row = row.get();
        let words = |route| row.as_ref().map(|row| page.state.with(|state| rule_words(row, route, &state.findings)));
        let cell = |route: Route| view! { <td data-route=route.name()>{words(route)}</td> };
        Route::ALL.map(cell).collect_view()
    };
    let facts = move || row.get().map(|row| view! { <Facts row/> });
    view! {
        <div class="detail" id=id data-testid="event-detail">
            <table>
                <caption class="hidden">"When it passed each stop, by the clock of the machine it passed; ± is how wrong the difference of two clocks can be"</caption>
                <thead class="hidden"><tr><th scope="col">"Stop"</th><RouteHeads/></tr></thead>
                <tbody>{changing(stops)}<tr class="lane"><th scope="row">"Rules"</th>{changing(rules)}</tr></tbody>
            </table>
            // Outside of what is drawn again: it stays open.
            <Fold heading="The event itself"><div class="facts">{changing(facts)}</div></Fold>
        </div>
    }
}

/// `clock` is the offset of the server's clock to the one that the event's time is from.
fn stop_rows(row: &EventRow, clock: Option<Offset>, offset_minutes: i64) -> AnyView {
    let time = |stop: usize, copy: &EventCopy| {
        let at = stop_times(copy)[stop]?;
        let across = clock.filter(|_| BY_SERVER.contains(&stop));
        let here = across.map_or(at, |clock| Timestamp::from_micros(at.micros() - clock.offset_us));
        let since = duration(here.millis_since(row.time));
        let sign = if since.starts_with('−') { "" } else { "+" };
        let tries = if STOPS[stop] == "Sent" && copy.tries > 1 { format!(" ×{}", copy.tries) } else { String::new() };
        let error = across.map(|clock| format!(" ± {}", duration(clock.error_us as f64 / 1000.0))).unwrap_or_default();
        Some((format!("{sign}{since}{error}{tries}"), time_of_day(at, offset_minutes)))
    };
    let words_of_place = |route, copy: &EventCopy| match (copy.position, route, copy.state) {
        (Some(position), ..) => Some((place(position), String::new())),
        (None, Route::HttpPush, CopyState::Processed) => Some(("none: handed on".to_owned(), String::new())),
        _ => None,
    };
    let lines = (0..=STOPS.len()).map(|stop| {
        let words = |route: Route| {
            let copy = row.copies[route as usize].as_ref()?;
            if stop < STOPS.len() { time(stop, copy) } else { words_of_place(route, copy) }
        };
        let cells = Route::ALL.map(|route| {
            let (strong, soft) = words(route).unwrap_or_else(|| ("–".to_owned(), String::new()));
            view! { <td class="figures" data-route=route.name()><span class="since">{strong}</span><span class="clock">{soft}</span></td> }
        });
        let name = STOPS.get(stop).copied().unwrap_or("Place on the route");
        view! { <tr class="lane"><th scope="row">{name}</th>{cells.collect_view()}</tr> }
    });
    lines.collect_view().into_any()
}

/// The alerts about one copy, with their mails.
fn rule_words(row: &EventRow, route: Route, findings: &Findings) -> String {
    let Some(copy) = &row.copies[route as usize] else { return "–".to_owned() };
    let mail = |alert| mail_words(findings.mail_state(alert));
    let found: Vec<_> =
        findings.alerts_in(row.id, route).map(|alert| format!("{}: {}", alert.subject, mail(alert.id))).collect();
    match (found.is_empty(), copy.alert, copy.state) {
        (false, ..) => found.join("; "),
        (true, Some(alert), _) => format!("Alert: {}", mail(alert)),
        (true, None, CopyState::Processed) => "no alert".to_owned(),
        (true, None, _) => "–".to_owned(),
    }
}

#[component]
fn Facts(row: Arc<EventRow>) -> impl IntoView {
    let session = row.session.map(|session| {
        let href = format!("/ledger/{session}");
        view! { <dt>"Session"</dt><dd class="mono"><Link href=href>{session.to_string()}</Link></dd> }
    });
    let number = row.number.map(|number| number.to_string()).unwrap_or_default();
    let json = event_json(&row);
    let partial = row.event.is_none().then_some("Emitted elsewhere: the live stream does not carry its data.");
    let facts = [("Event", row.id.to_string()), ("Sequence", number), ("Client", row.key.clone())];
    let facts = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    let facts = facts.map(|(name, fact)| view! { <dt>{name}</dt><dd class="mono">{fact}</dd> }).collect_view();
    view! {
        <dl>{facts}{session}</dl>
        <div><pre class="raw" tabindex="0" role="region" aria-label="The event as JSON">{json}</pre><p class="hint">{partial}</p></div>
    }
}
