//! A small sign for each route, so that colour is not the only mark.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

/// The sign of a route, or of all three.
#[component]
pub fn Glyph(
    /// Which.
    choice: RouteChoice,
) -> impl IntoView {
    let path = match choice {
        RouteChoice::One(Route::HttpPush) => "M2 8h11M9 4l4 4-4 4",
        RouteChoice::One(Route::HttpPoll) => "M13 5.5A5.5 5.5 0 1 0 13.5 9M13.5 2v3.8H9.7",
        RouteChoice::One(Route::Kafka) => "M2 3.5h8M2 8h12M2 12.5h6",
        RouteChoice::All => "M2 8h3l4-4.5h5M5 8h9M5 8l4 4.5h5",
    };
    view! {
        <svg class="glyph" data-route=choice.name() viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=path fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"/>
        </svg>
    }
}
