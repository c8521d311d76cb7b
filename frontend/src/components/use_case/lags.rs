//! How late events are on one leg of their way: least, average and most for each route, and their course as a chart.

use domain::api::LagStatistics;
use domain::{ByRoute, Route, Timestamp};
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
    // Drawn anew as a whole every few seconds: nothing in it can be clicked on or typed into.
    let drawn = move || {
        let lags = view.with(|view| view.as_ref().map(|view| view.lags.clone())).unwrap_or_default();
        // The consumer's clock, since the course is told by it; its latest word is at most some seconds old.
        let clock = page.state.with_untracked(|state| state.stats.as_ref().map(|stats| stats.at));
        let course = leg.course(&lags, latest(&lags).max(clock).unwrap_or_default());
        let rows = Route::ALL.map(|route| lag_row(route, leg, lags.get(route))).collect_view();
        view! {
            {chart(course, title)}
            <table>
                <caption class="hidden">{title}", last 5 minutes"</caption>
                <thead><tr><th scope="col"><span class="hidden">"Route"</span></th><th scope="col">"min"</th><th scope="col">"average"</th><th scope="col">"max"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    };
    view! {
        <section class="lag-panel"><h3>{title}<span class="hint">" "{about}</span></h3>{drawn}</section>
    }
}

/// When the latest point of any route began.
fn latest(lags: &ByRoute<LagStatistics>) -> Option<Timestamp> {
    lags.values().filter_map(|lags| lags.course.last()).map(|point| point.at).max()
}

fn lag_row(route: Route, leg: Leg, lags: Option<&LagStatistics>) -> AnyView {
    let spread = lags.map(|lags| leg.spread(lags)).unwrap_or_default();
    let numbers = [spread.min_ms, spread.average_ms, spread.max_ms];
    let numbers = numbers.map(|millis| if spread.events == 0 { "–".to_owned() } else { duration(millis) });
    view! {
        <tr>
            <th scope="row"><RouteTag route/><span class="hint figures">{events(spread.events)}</span></th>
            {numbers.map(|number| view! { <td class="figures">{number}</td> }).collect_view()}
        </tr>
    }
    .into_any()
}

/// Lines on a grid; text stands beside the drawing, so that it keeps its size when the drawing is stretched.
fn chart(course: Course, title: &'static str) -> AnyView {
    let empty = course.ticks.is_empty();
    let grid: String = course.ticks.iter().map(|(y, _)| format!("M0 {y}H{WIDTH}")).collect();
    let lines = Route::ALL.map(|route| {
        view! {
           <path class="line" data-route=route.name() d=course.lines[route as usize].clone()/>
           <path class="dots" data-route=route.name() d=course.dots[route as usize].clone()/>
        }
    });
    let ticks = course
        .ticks
        .into_iter()
        .map(|(y, label)| view! { <span style=format!("top:{}%", y * 100 / HEIGHT)>{label}</span> });
    let label = format!(
        "{title}: the average of each route, every 5 seconds of the last 5 minutes. The table below has the numbers."
    );
    view! {
        <div class="course" data-testid="lag-chart" data-empty=empty.to_string()>
            <div class="ticks figures" aria-hidden="true">{ticks.collect_view()}</div>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                <path class="grid" d=grid/>{lines.collect_view()}
            </svg>
            {empty.then(|| view! { <p class="hint">"No event that concerns it in the last 5 minutes."</p> })}
            <p class="ends" aria-hidden="true"><span>"5 min ago"</span><span>"now"</span></p>
        </div>
    }
    .into_any()
}
