//! The rows of the comparison: rates, lag, and the times until accepted and until processed.

use domain::Route;
use domain::api::{HopTimes, Quantiles, RouteSample, RouteStats};
use leptos::prelude::*;

use super::signals::route_sample;
use crate::format::{count, duration, rate};
use crate::memo::Memo;
use crate::signals::{age_if_old, route_stats};

/// The current numbers of one route; empty if they are old.
#[derive(Clone, Copy, Default, PartialEq)]
struct Numbers {
    sample: Option<RouteSample>,
    stats: Option<RouteStats>,
}

impl Numbers {
    /// The number, or the median.
    fn first(&self, reading: Reading) -> Option<String> {
        match reading {
            Reading::One(read) => read(self),
            Reading::Times(read) => Some(duration(read(&self.sample?.hops)?.p50_ms)),
        }
    }

    /// The 99th percentile, where there is one.
    fn second(&self, reading: Reading) -> Option<String> {
        match reading {
            Reading::One(_) => None,
            Reading::Times(read) => Some(duration(read(&self.sample?.hops)?.p99_ms)),
        }
    }
}

/// A row: its name with the unit, and how to read it.
type Row = (&'static str, Reading);

/// How to read the number of a cell.
#[derive(Clone, Copy)]
enum Reading {
    One(fn(&Numbers) -> Option<String>),
    /// The median, and the 99th percentile.
    Times(fn(&HopTimes) -> Option<Quantiles>),
}

const PACE: [Row; 4] = [
    ("Coming in, events/s", Reading::One(|numbers| numbers.sample?.rate_in.map(rate))),
    ("Processed, events/s", Reading::One(|numbers| Some(rate(numbers.sample?.rate_out)))),
    ("Waiting on the route, events", Reading::One(|numbers| Some(count(numbers.stats?.lag?.events)))),
    (
        "Since the route was last empty",
        Reading::One(|numbers| Some(format!("{} s", rate(numbers.stats?.lag?.seconds)))),
    ),
];
const LATENCY: [Row; 5] = [
    ("Until accepted", Reading::Times(|times| times.until_accepted)),
    ("Until processed", Reading::Times(|times| times.until_processed)),
    ("Part of that, on the route", Reading::Times(|times| times.on_route)),
    ("Part of that, in the consumer’s step", Reading::Times(|times| times.in_step)),
    ("Wait before the first sending", Reading::Times(|times| times.queued)),
];

/// The rows of the table.
#[component]
pub fn SideBySideRows() -> impl IntoView {
    let old = age_if_old();
    // Old numbers are not shown.
    let numbers = Route::ALL.map(|route| {
        let (sample, stats) = (route_sample(route), route_stats(route));
        Memo::new(move |_| match old.get() {
            None => Numbers { sample: sample.get(), stats: stats.get() },
            Some(_) => Numbers::default(),
        })
    });
    let rows = |rows: &'static [Row]| rows.iter().map(|&row| view! { <ComparisonRow row numbers/> }).collect_view();
    view! { <tbody>{rows(&PACE)}</tbody><tbody class="latencies"><PairHeads/>{rows(&LATENCY)}</tbody> }
}

/// The names of the two times of a cell.
#[component]
fn PairHeads() -> impl IntoView {
    let pairs = Route::ALL
        .map(|_| view! { <td><span class="first">"half"</span><span class="second">"99 %"</span></td> })
        .collect_view();
    view! { <tr class="lane pair-heads"><th scope="row" class="label">"Times of the last 10 s"</th>{pairs}</tr> }
}

#[component]
fn ComparisonRow(row: Row, numbers: [Memo<Numbers>; 3]) -> impl IntoView {
    let (name, reading) = row;
    // Memos: most numbers do not change with each message.
    let cells = numbers.map(|numbers| {
        let cell = |read: fn(&Numbers, Reading) -> Option<String>, nothing: &'static str| {
            Memo::new(move |_| numbers.with(|all| read(all, reading)).unwrap_or_else(|| nothing.to_owned())).signal()
        };
        let (first, second) = (cell(Numbers::first, "–"), cell(Numbers::second, ""));
        view! { <td class="figures"><span class="first">{first}</span><span class="second">{second}</span></td> }
    });
    view! {
        <tr class="lane">
            <th scope="row" class="label">{name}</th>
            {cells.collect_view()}
        </tr>
    }
}
