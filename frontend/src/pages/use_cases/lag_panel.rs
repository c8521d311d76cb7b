//! How late events are on one leg of their way: least, average and most for each route, and their course as a chart.

use domain::api::{LagStatistics, UseCaseView};
use domain::{ByRoute, Route, Timestamp};
use leptos::prelude::*;

use super::lag_leg::LagLeg;
use crate::components::chart::ChartFigure;
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::{duration, events};

/// The panel.
#[component]
pub fn LagPanel(
    /// The use case.
    view: Memo<Option<UseCaseView>>,
    /// Of which leg.
    leg: LagLeg,
) -> impl IntoView {
    let page = Page::here();
    let lags = move || view.with(|view| view.as_ref().map(|view| view.lags.clone())).unwrap_or_default();
    let chart = Memo::new(move |_| {
        let lags = lags();
        // The consumer's clock, since the course is told by it; its latest word is at most some seconds old.
        let clock = page.state.with_untracked(|state| state.stats.as_ref().map(|stats| stats.at));
        leg.chart(&lags, latest(&lags).max(clock).unwrap_or_default())
    });
    // Drawn anew as a whole every few seconds: nothing in it can be clicked on or typed into.
    let rows = move || {
        let lags = lags();
        Route::ALL.map(|route| lag_row(route, leg, lags.get(route))).collect_view()
    };
    let title = leg.title();
    view! {
        <section class="lag-panel" data-testid="lag-chart">
            <ChartFigure title note=leg.note() chart nothing="No event that concerns it in the last 5 minutes."/>
            <table>
                <caption class="hidden">{title}", last 5 minutes"</caption>
                <thead><tr><th scope="col"><span class="hidden">"Route"</span></th><th scope="col">"min"</th><th scope="col">"average"</th><th scope="col">"max"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// When the latest point of any route began.
fn latest(lags: &ByRoute<LagStatistics>) -> Option<Timestamp> {
    lags.values().filter_map(|lags| lags.course.last()).map(|point| point.at).max()
}

fn lag_row(route: Route, leg: LagLeg, lags: Option<&LagStatistics>) -> AnyView {
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
