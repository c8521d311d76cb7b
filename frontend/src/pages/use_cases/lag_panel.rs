//! The lag of one leg: minimum, average and maximum for each route, and a chart.

use domain::Route;
use domain::api::{LagStatistics, UseCaseView};
use leptos::prelude::*;

use super::lag_leg::LagLeg;
use crate::components::chart::ChartFigure;
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::{duration, events};
use crate::memo::Memo;
use crate::signals::{changing, text};

/// The panel.
#[component]
pub fn LagPanel(
    /// The use case.
    view: Memo<Option<UseCaseView>>,
    /// The leg.
    leg: LagLeg,
) -> impl IntoView {
    let page = Page::here();
    let lags = move || view.with(|view| view.as_ref().map(|view| view.lags.clone())).unwrap_or_default();
    let chart = Memo::new(move |_| {
        let lags = lags();
        // The times are from the consumer's clock; its latest time is a few seconds old at most.
        let clock = page.state.with_untracked(|state| state.stats.as_ref().map(|stats| stats.at));
        let latest = lags.values().filter_map(|lags| lags.course.last()).map(|point| point.at).max();
        leg.chart(&lags, latest.max(clock).unwrap_or_default())
    });
    // The whole table is drawn again every few seconds; it has no controls.
    let rows = move || {
        let lags = lags();
        Route::ALL.map(|route| lag_row(route, leg, lags.get(route))).collect_view()
    };
    let one = text(move || if leg.is_one(&lags()) { leg.one } else { "" }.to_owned());
    let title = leg.title;
    view! {
        <section class="lag-panel" data-testid="lag-chart">
            <ChartFigure title note=leg.note chart nothing="No event that concerns it in the last 5 minutes."/>
            <p class="hint">{one}</p>
            <table>
                <caption class="hidden">{title}", last 5 minutes"</caption>
                <thead><tr><th scope="col"><span class="hidden">"Route"</span></th><th scope="col">"min"</th><th scope="col">"average"</th><th scope="col">"max"</th></tr></thead>
                <tbody>{changing(rows)}</tbody>
            </table>
        </section>
    }
}

fn lag_row(route: Route, leg: LagLeg, lags: Option<&LagStatistics>) -> AnyView {
    let spread = lags.map(|lags| (leg.spread)(lags)).unwrap_or_default();
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
