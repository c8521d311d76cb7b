//! How long each hop takes on each route: for half of the events, and for all but one in a hundred.

use domain::Route;
use domain::api::{HopTimes, Quantiles};
use leptos::prelude::*;

use crate::components::live::pulse;
use crate::format::duration;

/// A row's name and how to read it.
type Row = (&'static str, fn(&HopTimes) -> Option<Quantiles>);

const ROWS: [Row; 4] = [
    ("To the backend", |times| times.to_backend),
    ("On the route", |times| times.on_route),
    ("In the consumer’s step", |times| times.in_step),
    ("In all", |times| times.total),
];

/// The rows of the table.
#[component]
pub fn Latencies() -> impl IntoView {
    let rows = ROWS.map(|row| {
        let (name, _) = row;
        let cells = Route::ALL.map(|route| view! { <LatencyCell route row/> }).collect_view();
        view! {
            <tr class="lane" data-hop=name>
                <th scope="row" class="label">{name}</th>
                {cells}
            </tr>
        }
    });
    view! { <tbody class="latencies">{rows.collect_view()}</tbody> }
}

#[component]
fn LatencyCell(route: Route, row: Row) -> impl IntoView {
    let (_, read) = row;
    let pulse = pulse(route);
    let times = Memo::new(move |_| pulse.get().and_then(|pulse| read(&pulse.hops)));
    let half = move || times.get().map_or_else(|| "–".to_owned(), |times| duration(times.p50_ms));
    let most = move || times.get().map(|times| duration(times.p99_ms));
    view! {
        <td class="figures"><span class="p50">{half}</span><span class="p99">{most}</span></td>
    }
}
