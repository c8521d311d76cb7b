//! The sentence above all: what is slowest or down, and why.

use domain::RouteChoice;
use leptos::prelude::*;

use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::format::age;
use crate::signals::old_for;
use crate::signals::text;

/// The sentence, and how old the numbers are where they are old.
#[component]
pub fn Headline() -> impl IntoView {
    let page = Page::here();
    let verdict = Memo::new(move |_| page.state.with(|state| state.verdict(page.now.get())));
    let old = old_for();
    let route = move || {
        let route = verdict.with(|verdict| verdict.route)?;
        let choice = RouteChoice::One(route);
        Some(view! { <span class="who" data-route=route.name()><Glyph choice/>{route.name()}</span>" " })
    };
    let age =
        text(move || old.get().map(|seconds| format!(" What you see is {} old.", age(seconds))).unwrap_or_default());
    view! {
        <div class="headline" data-testid="headline">
            <p class="first">{route}<span>{text(move || verdict.with(|verdict| verdict.headline.clone()))}</span></p>
            <p class="because">
                <span>{text(move || verdict.with(|verdict| verdict.because.clone()))}</span>
                <span class="old figures">{age}</span>
            </p>
        </div>
    }
}
