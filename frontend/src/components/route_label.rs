//! Names of routes: as a tag, and as the heads of columns.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::route_glyph::Glyph;

/// The heads of three columns, one for each route.
#[component]
pub fn RouteHeads() -> impl IntoView {
    Route::ALL.map(|route| view! { <th scope="col" data-route=route.name()>{route.name()}</th> }).collect_view()
}

/// A route's name in its colour, with its sign.
#[component]
pub fn RouteTag(
    /// The route.
    route: Route,
) -> impl IntoView {
    view! { <span class="tag" data-route=route.name()><Glyph choice=RouteChoice::One(route)/>{route.name()}</span> }
}
