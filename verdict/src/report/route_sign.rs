//! Small pieces of the page.

use domain::Route;
use maud::{Markup, html};

/// A route's name in its colour, with its sign.
pub(super) fn route_tag(route: Route) -> Markup {
    html! { b.tag data-route=(route) { svg { use href={ "#" (route) }; } (route) } }
}

/// The signs of the routes, once in a page.
pub(super) fn glyphs() -> Markup {
    html! {
        svg width="0" height="0" aria-hidden="true" style="position:absolute" {
            @for route in Route::ALL { symbol id=(route) viewBox="0 0 16 16" { path d=(glyph(route)) {} } }
        }
    }
}

/// The path of a route's sign, in a square of 16.
pub(crate) const fn glyph(route: Route) -> &'static str {
    match route {
        Route::HttpPush => "M2 8h11M9 4l4 4-4 4",
        Route::HttpPoll => "M13 5.5A5.5 5.5 0 1 0 13.5 9M13.5 2v3.8H9.7",
        Route::Kafka => "M2 3.5h8M2 8h12M2 12.5h6",
    }
}
