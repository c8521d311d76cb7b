//! How late events are on one leg of their way: least, average and most for each route, and their course as a chart.

use std::collections::BTreeMap;

use domain::api::LagStatistics;
use domain::{Route, Timestamp};
use leptos::prelude::*;

use super::View;
use crate::components::books::RouteTag;
use crate::context::Page;
use crate::format::{duration, events};
use crate::state::course::{Course, HEIGHT, Leg, WIDTH};

/// The panel.
#[component]
pub fn LagPanel(
    /// The use case.
    view: View,
    /// Of which leg.
    leg: Leg,
) -> impl IntoView {
    let page = Page::here();
    let (title, about) = match leg {
        Leg::Producer => ("Producer lag", "emitted → received by the backend"),
        Leg::Consumer => ("Consumer lag", "received → processed"),
    };
    let lags = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.lags.clone())).unwrap_or_default());
    // The consumer's clock, since the course is told by it; its latest word is at most some seconds old.
    let clock = move || page.state.with_untracked(|state| state.stats.as_ref().map(|stats| stats.at));
    let course = Memo::new(move |_| lags.with(|lags| leg.course(lags, latest(lags).max(clock()).unwrap_or_default())));
    let rows = Route::ALL.map(|route| view! { <LagRow lags leg route/> }).collect_view();
    view! {
        <section class="lag-panel">
            <h3>{title}<span class="hint">" "{about}</span></h3>
            <Chart course label=format!("{title}: the average of each route, every 5 seconds of the last 5 minutes. The table below has the numbers.")/>
            <table>
                <caption class="hidden">{title}", last 5 minutes"</caption>
                <thead><tr><th scope="col"><span class="hidden">"Route"</span></th><th scope="col">"min"</th><th scope="col">"average"</th><th scope="col">"max"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// When the latest point of any route began.
fn latest(lags: &BTreeMap<Route, LagStatistics>) -> Option<Timestamp> {
    lags.values().filter_map(|lags| lags.course.last()).map(|point| point.at).max()
}

#[component]
fn LagRow(lags: Memo<BTreeMap<Route, LagStatistics>>, leg: Leg, route: Route) -> impl IntoView {
    let spread = Memo::new(move |_| {
        lags.with(|lags| lags.get(&route).map(|lags| leg.spread(lags))).filter(|spread| spread.events > 0)
    });
    let number = move |of: fn(domain::api::Spread) -> f64| {
        spread.get().map_or_else(|| "–".to_owned(), |spread| duration(of(spread)))
    };
    view! {
        <tr data-route=route.name()>
            <th scope="row"><RouteTag route/><span class="hint figures">{move || events(spread.get().map_or(0, |spread| spread.events))}</span></th>
            <td class="figures">{move || number(|spread| spread.min_ms)}</td>
            <td class="figures average">{move || number(|spread| spread.average_ms)}</td>
            <td class="figures">{move || number(|spread| spread.max_ms)}</td>
        </tr>
    }
}

/// Lines on a grid; text stands beside the drawing, so that it keeps its size when the drawing is stretched.
#[component]
fn Chart(course: Memo<Course>, label: String) -> impl IntoView {
    let grid = move || {
        let lines =
            course.get().ticks.into_iter().map(|(y, _)| view! { <path class="grid" d=format!("M0 {y}H{WIDTH}")/> });
        lines.collect_view()
    };
    let lines = Route::ALL.map(|route| {
        view! { <path class="line" data-route=route.name() d=move || course.with(|course| course.lines[route as usize].clone())/> }
    });
    let ticks = move || {
        let ticks = course.get().ticks.into_iter();
        ticks.map(|(y, label)| view! { <span style=format!("top:{}%", y * 100 / HEIGHT)>{label}</span> }).collect_view()
    };
    let empty = move || course.with(|course| course.ticks.is_empty());
    view! {
        <div class="course" data-testid="lag-chart" data-empty=move || empty().to_string()>
            <div class="ticks figures" aria-hidden="true">{ticks}</div>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>{grid}{lines.collect_view()}</svg>
            <Show when=empty><p class="hint">"No event that concerns it in the last 5 minutes."</p></Show>
            <p class="ends" aria-hidden="true"><span>"5 min ago"</span><span>"now"</span></p>
        </div>
    }
}
