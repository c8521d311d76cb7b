//! The parts of a lane that the pictures of Live and Play share: its name, and the store that its route passes.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::route_glyph::Glyph;

/// The store of a route: its name, its task, and the part whose health it shares; empty for none.
pub type Store = (&'static str, &'static str, &'static str);

/// The store that a route passes, if it passes one.
pub const fn store(route: Route) -> Option<Store> {
    match route {
        Route::HttpPush => None,
        Route::HttpPoll => Some(("Store", "keeps events until they are fetched", "")),
        Route::Kafka => Some(("Kafka broker", "a log on disk", "broker")),
    }
}

/// The name of a lane, with its sign.
#[component]
pub fn LaneName(
    /// The route.
    route: Route,
) -> impl IntoView {
    view! { <p class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</p> }
}
