//! The heads of the routes' columns, over counters and log: name, typical times of the rows shown, how many have none, and a
//! sender's trouble.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::log_filter::LogFilter;
use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::format::{count, duration};
use crate::memo::Memo;
use crate::signals::text;
use crate::state::event_row::EventCopy;

/// The three heads.
#[component]
pub fn RouteHeads(
    /// The rows below.
    filter: LogFilter,
) -> impl IntoView {
    let heads = Route::ALL.map(|route| view! { <RouteHead route filter/> }).collect_view();
    view! { <div class="lane heads"><div class="label"><span>"Processed"</span>" "<span class="muted">"from sending to the ledger, typical of those listed; below, the answer. All routes share a machine here; on Compare each runs alone."</span></div>{heads}</div> }
}

#[component]
fn RouteHead(route: Route, filter: LogFilter) -> impl IntoView {
    let page = Page::here();
    let typical = |time: fn(&EventCopy) -> Option<f64>| {
        Memo::new(move |_| {
            let typical = filter.rows.with(|rows| {
                page.state.with(|state| state.log.typical_ms(rows.iter().map(|(id, _)| *id), route, time))
            });
            typical.map_or_else(|| "–".to_owned(), duration)
        })
        .signal()
    };
    let (processed, answer) = (typical(EventCopy::processed_ms), typical(EventCopy::accepted_ms));
    let untimed = Memo::new(move |_| {
        let number =
            filter.rows.with(|rows| page.state.with(|state| state.log.untimed(rows.iter().map(|(id, _)| *id), route)));
        if number == 0 { String::new() } else { format!("{} without a time", count(number as u64)) }
    });
    let held = Memo::new(move |_| page.state.with(|state| state.sending.route(route).trouble.is_some()));
    // How many events wait is in the ledger's line below, for this tab alone; the lag of all sessions is on Live.
    let note = text(move || if held.get() { "held up" } else { "" }.to_owned());
    view! {
        <div class="head" data-route=route.name() data-held=text(move || held.get().to_string())>
            <span class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</span>
            <span class="typical figures"><span class="hidden">"processed after "</span>{processed}</span>
            <span class="later figures">"answer"<span class="if-wide">" after"</span>" "{answer}</span>
            <span class="untimed figures" title="Processed while this page got no data on them">{untimed.signal()}</span>
            <span class="note">{note}</span>
        </div>
    }
}
