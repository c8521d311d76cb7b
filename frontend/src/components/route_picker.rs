//! The choice of routes: one of three, or all at once.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::glyph::Glyph;
use crate::components::{flag, text};
use crate::context::{Page, about};

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
