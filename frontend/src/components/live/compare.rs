//! The three routes side by side: what each is doing in a sentence, then its numbers.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::counters::Counters;
use crate::components::glyph::Glyph;
use crate::components::live::latencies::Latencies;
use crate::components::live::old_for;
use crate::components::live::pace::Pace;
use crate::context::Page;
use crate::state::Lane;

/// The table.
#[component]
pub fn Compare() -> impl IntoView {
    let old = old_for();
    let heads = Route::ALL.map(|route| view! { <th scope="col">{route.name()}</th> }).collect_view();
    let lanes = Route::ALL.map(|route| view! { <LaneState route/> }).collect_view();
    view! {
        <section class="compare" aria-labelledby="compare-title" data-old=move || old.get().is_some().to_string()>
            <h2 id="compare-title">"Side by side"</h2>
            <div class="lanes">
                <div class="lane moods">
                    <p class="label hint">
                        "Half of the events take at most the "<b>"first"</b>" time, all but one in a hundred the second (last 10 s)."
                    </p>
                    {lanes}
                </div>
                <table class="counters">
                    <caption class="hidden">"Rates, lag and latency of each route: median, then 99th percentile"</caption>
                    <thead class="hidden"><tr><th scope="col">"Number"</th>{heads}</tr></thead>
                    <Pace/>
                    <Latencies/>
                </table>
                <Counters/>
            </div>
        </section>
    }
}

#[component]
fn LaneState(route: Route) -> impl IntoView {
    let page = Page::here();
    let lane = Memo::new(move |_| page.state.with(|state| state.lane(route, page.now.get())));
    view! {
        <div class="mood" data-route=route.name() data-mood=move || lane.with(|lane| lane.mood.name()) data-testid=format!("lane-{route}")>
            <h3 class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</h3>
            <p>{move || lane.with(|Lane { says, .. }| says.clone())}</p>
        </div>
    }
}
