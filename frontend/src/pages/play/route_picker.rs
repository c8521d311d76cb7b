//! The choice of routes: one of three, or all at once.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::signals::{flag, text};

/// The picker.
#[component]
pub fn RoutePicker() -> impl IntoView {
    let choices = Route::ALL.map(RouteChoice::One).into_iter().chain([RouteChoice::All]);
    let choices = choices.map(|choice| view! { <Choice choice/> }).collect_view();
    view! {
        <fieldset class="picker">
            <legend>"Route"</legend>
            {choices}
        </fieldset>
    }
}

#[component]
fn Choice(choice: RouteChoice) -> impl IntoView {
    let page = Page::here();
    let chosen = move || page.choice.get() == choice;
    view! {
        <label class="choice" data-route=choice.name() data-testid=format!("route-{choice}") data-chosen=text(move || chosen().to_string())>
            <input type="radio" name="route" value=choice.name() prop:checked=flag(chosen) on:change=move |_| page.choose(choice)/>
            <Glyph choice/>
            <span class="name">{choice.name()}</span>
            <span class="about">{about(choice)}</span>
        </label>
    }
}

/// A short description of a route.
const fn about(choice: RouteChoice) -> &'static str {
    match choice {
        RouteChoice::One(Route::HttpPush) => "Handed on to the consumer at once",
        RouteChoice::One(Route::HttpPoll) => "Kept until the consumer fetches it",
        RouteChoice::One(Route::Kafka) => "Through a broker’s log on disk",
        RouteChoice::All => "Each event three times, to compare",
    }
}
