//! How each lane goes right now: what comes in, what gets out, what waits and for how long.

use domain::Route;
use domain::api::{RoutePulse, RouteStats};
use leptos::prelude::*;

use crate::components::lanes::stats;
use crate::components::live::{old_for, pulse};
use crate::format::{count, duration, rate};

/// A row's name, its unit, and how to read it.
type Row = (&'static str, &'static str, fn(&Numbers) -> Option<String>);

/// What is known of one route right now.
#[derive(Clone, Copy, PartialEq)]
struct Numbers {
    pulse: Option<RoutePulse>,
    stats: Option<RouteStats>,
}

const ROWS: [Row; 4] = [
    ("Coming in", "events/s", |numbers| numbers.pulse?.rate_in.map(rate)),
    ("Processed", "events/s", |numbers| Some(rate(numbers.pulse?.rate_out))),
    ("Waiting on the route", "events", |numbers| Some(count(numbers.stats?.lag?.events))),
    ("Behind for", "", |numbers| Some(duration(numbers.stats?.lag?.seconds * 1000.0))),
];

/// The rows of the table.
#[component]
pub fn Pace() -> impl IntoView {
    let rows = ROWS.map(|row| {
        let (name, unit, _) = row;
        let cells = Route::ALL.map(|route| view! { <PaceCell route row/> }).collect_view();
        view! {
            <tr class="lane">
                <th scope="row" class="label">{name}<span class="unit">" "{unit}</span></th>
                {cells}
            </tr>
        }
    });
    view! { <tbody>{rows.collect_view()}</tbody> }
}

#[component]
fn PaceCell(route: Route, row: Row) -> impl IntoView {
    let (name, _, read) = row;
    let (pulse, stats, old) = (pulse(route), stats(route), old_for());
    // What is old says nothing about right now.
    let text = Memo::new(move |_| match old.get() {
        None => read(&Numbers { pulse: pulse.get(), stats: stats.get() }),
        Some(_) => None,
    });
    view! {
        <td class="figures" data-testid=format!("now-{route}-{}", name.to_lowercase().replace(' ', "-"))>
            {move || text.get().unwrap_or_else(|| "–".to_owned())}
        </td>
    }
}
