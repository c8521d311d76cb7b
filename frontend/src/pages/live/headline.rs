//! The headline of the page: the times of the routes or a part that is down, and the reason.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::headline_sentences::HeadlineSentences;
use super::live_state::LiveState;
use super::signals::out_of_reach;
use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::format::age;
use crate::memo::Memo;
use crate::signals::{age_if_old, changing, text};

/// The headline, and the age of old data.
#[component]
pub fn Headline() -> impl IntoView {
    let (page, out_of_reach) = (Page::here(), out_of_reach());
    let measured = LiveState::here().measured;
    let push = Memo::new(move |_| measured.with(|measured| measured.guarantee(Route::HttpPush)));
    let headline = Memo::new(move |_| match out_of_reach.get() {
        "" => page.state.with(|state| state.headline(page.now.get(), push.get())),
        part => HeadlineSentences::out_of_reach(part),
    });
    let old = age_if_old();
    let route = move || {
        let route = headline.with(|headline| headline.route)?;
        let choice = RouteChoice::One(route);
        Some(view! { <span class="who" data-route=route.name()><Glyph choice/>{route.name()}</span>" " })
    };
    let age =
        text(move || old.get().map(|seconds| format!(" What you see is {} old.", age(seconds))).unwrap_or_default());
    view! {
        <div class="headline" data-testid="headline">
            <h1>
                <span class="hidden">"Live: "</span>
                {changing(route)}
                <span>{text(move || headline.with(|headline| headline.headline.clone()))}</span>
            </h1>
            <p class="because">
                <span>{text(move || headline.with(|headline| headline.because.clone()))}</span>
                <span class="old figures">{age}</span>
            </p>
        </div>
    }
}
