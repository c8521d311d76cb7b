//! The sentence above all: what is slowest or down, and why.

use domain::RouteChoice;
use leptos::prelude::*;

use crate::components::glyph::Glyph;
use crate::components::live::old_for;
use crate::context::Page;
use crate::state::health::age;

/// The sentence, and how old it is where it is old.
#[component]
pub fn Headline() -> impl IntoView {
    let page = Page::here();
    let verdict = Memo::new(move |_| page.state.with(|state| state.verdict(page.now.get())));
    let old = old_for();
    let route = Memo::new(move |_| verdict.with(|verdict| verdict.route));
    let name = move || {
        route.get().map(|route| {
            view! {
                <span class="who" data-route=route.name()><Glyph choice=RouteChoice::One(route)/>{route.name()}</span>" "
            }
        })
    };
    view! {
        <div class="headline" data-testid="headline">
            <p class="first">{name}<span>{move || verdict.with(|verdict| verdict.headline.clone())}</span></p>
            <p class="because">
                {move || verdict.with(|verdict| verdict.because.clone())}
                {move || old.get().map(|seconds| view! { <span class="old figures">" The numbers below are "{age(seconds)}" old."</span> })}
            </p>
        </div>
    }
}
