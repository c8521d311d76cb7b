//! The three routes side by side: the status of each, then its numbers.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::comparison_rows::ComparisonRows;
use super::signals::lane_status;
use crate::components::counters::Counters;
use crate::components::route_glyph::Glyph;
use crate::components::route_label::RouteHeads;
use crate::signals::{age_if_old, flag, text};

/// The meaning of the counts, for each choice.
const EVERYTHING: &str = "Of every session that ever sent events here, not of this page alone.";
const CHANGES: &str = "How much each count has changed since then, over all sessions. A change is below 0 where the count was larger before: events in flight then are processed now.";

/// The table.
#[component]
pub fn Comparison() -> impl IntoView {
    let (old, since_opened) = (age_if_old(), RwSignal::new(false));
    let lanes = Route::ALL.map(|route| view! { <StatusCell route/> }).collect_view();
    view! {
        <section class="compare" aria-labelledby="compare-title" data-old=text(move || old.get().is_some().to_string())>
            <h2 id="compare-title">"Side by side"</h2>
            <div class="lanes">
                <div class="lane lane-statuses">
                    <p class="label hint">
                        "Times are of the last 10 s: half of the events take up to the "<b>"first"</b>", 99 in 100 up to the second. Until processed counts from the backend on; the senders’ own queues belong to no route."
                    </p>
                    {lanes}
                </div>
                <table class="counters">
                    <caption class="hidden">"Rates, lag and latency of each route: median, then 99th percentile"</caption>
                    <thead class="hidden"><tr><th scope="col">"Number"</th><RouteHeads/></tr></thead>
                    <ComparisonRows/>
                </table>
                <Period since_opened/>
                <Counters since_opened/>
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

/// The choice of the counts: all that the ledger has, or the changes since this page was opened.
#[component]
fn Period(since_opened: RwSignal<bool>) -> impl IntoView {
    let words = text(move || if since_opened.get() { CHANGES } else { EVERYTHING }.to_owned());
    let option = |value: bool, test_id: &'static str, name: &'static str| {
        view! {
            <label data-testid=test_id>
                <input type="radio" name="period" prop:checked=flag(move || since_opened.get() == value)
                    on:change=move |_| since_opened.set(value)/>
                {name}
            </label>
        }
    };
    view! {
        <fieldset class="period" aria-describedby="period-words">
            <legend>"Counts of the ledger"</legend>
            <div class="segments">
                {option(false, "period-all", "All since the ledger began")}
                {option(true, "period-opened", "Since this page was opened")}
            </div>
            <p class="hint" id="period-words">{words}</p>
        </fieldset>
    }
}
