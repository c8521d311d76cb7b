//! The heads of the routes' columns, over counters and log: name, typical times of the rows shown, and lag.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::shown::Shown;
use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::format::{count, duration};
use crate::signals::{route_stats, text};
use crate::state::event_row::EventCopy;

/// The three heads.
#[component]
pub fn RouteHeads(
    /// The rows below.
    shown: Shown,
) -> impl IntoView {
    let heads = Route::ALL.map(|route| view! { <RouteHead route shown/> }).collect_view();
    view! { <div class="lane heads"><div class="label"><span>"Until accepted"</span><span class="muted">"below, until processed; typical of the events listed"</span></div>{heads}</div> }
}

#[component]
fn RouteHead(route: Route, shown: Shown) -> impl IntoView {
    let page = Page::here();
    let typical = |time: fn(&EventCopy) -> Option<f64>| {
        Memo::new(move |_| {
            let typical = shown.rows.with(|rows| {
                page.state.with(|state| state.log.typical_ms(rows.iter().map(|(id, _)| *id), route, time))
            });
            typical.map_or_else(|| "–".to_owned(), duration)
        })
    };
    let (accepted, processed) = (typical(EventCopy::accepted_ms), typical(EventCopy::processed_ms));
    let stats = route_stats(route);
    let trouble = Memo::new(move |_| page.state.with(|state| state.sending.route(route).trouble.is_some()));
    let behind = move || match stats.get().and_then(|stats| stats.lag) {
        Some(lag) if lag.events > 0 => format!("{} behind", count(lag.events)),
        Some(_) => match page.state.with(|state| state.events_in_flight(route, page.now.get())) {
            0 => "none waits".to_owned(),
            number => format!("{} in flight", count(number)),
        },
        None => "not known".to_owned(),
    };
    let note = move || if trouble.get() { "held up".to_owned() } else { behind() };
    view! {
        <div class="head" data-route=route.name() data-held=text(move || trouble.get().to_string())>
            <span class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</span>
            <span class="typical figures"><span class="hidden">"until accepted "</span>{accepted}</span>
            <span class="later figures"><span class="hidden">"until processed "</span>{processed}</span>
            <span class="note">{text(note)}</span>
        </div>
    }
}
