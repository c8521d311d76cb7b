//! The three routes side by side: the status of each, then its numbers.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::ledger_counts::LedgerCounts;
use super::side_by_side_rows::SideBySideRows;
use super::signals::lane_status;
use crate::components::route_glyph::Glyph;
use crate::components::route_label::RouteHeads;
use crate::signals::{age_if_old, text};

/// The table.
#[component]
pub fn SideBySide() -> impl IntoView {
    let old = age_if_old();
    let lanes = Route::ALL.map(|route| view! { <StatusCell route/> }).collect_view();
    view! {
        <section class="compare" aria-labelledby="compare-title" data-old=text(move || old.get().is_some().to_string())>
            <h2 id="compare-title">"Side by side"</h2>
            <div class="lanes">
                <div class="lane lane-statuses">
                    <p class="label hint">
                        "Half of the events took up to “half”, the typical time; 99 in 100 up to “99 %”. Until processed counts from the backend on."
                    </p>
                    {lanes}
                </div>
                <table class="counters">
                    <caption class="hidden">"Rates, lag and times of each route: the time of half of the events, then of 99 in 100"</caption>
                    <thead class="hidden"><tr><th scope="col">"Number"</th><RouteHeads/></tr></thead>
                    <SideBySideRows/>
                </table>
                <LedgerCounts/>
            </div>
        </section>
    }
}

#[component]
fn StatusCell(route: Route) -> impl IntoView {
    let lane = lane_status(route);
    let state = text(move || lane.with(|lane| lane.state.name().to_owned()));
    view! {
        <div class="lane-status" data-route=route.name() data-state=state data-testid=format!("lane-{route}")>
            <h3 class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</h3>
            <p>{text(move || lane.with(|lane| lane.text.clone()))}</p>
        </div>
    }
}
