//! A part that events pass: its name, what it does, and whether it is up.

use leptos::prelude::*;

use crate::components::live::part;
use crate::state::PartHealth;

/// The station; its content is what it shows besides.
#[component]
pub fn Station(
    /// What it is called here.
    name: &'static str,
    /// What it does, in a few words.
    words: &'static str,
    /// The part whose health is shown, if it has a health of its own.
    #[prop(optional)]
    health_of: &'static str,
    /// A number that belongs to it.
    #[prop(optional, into)]
    number: Signal<String>,
) -> impl IntoView {
    let health = part(health_of);
    let state = move || if health_of.is_empty() { "none" } else { health.with(PartHealth::name) };
    let badge = move || match health.get() {
        PartHealth::Up => "up".to_owned(),
        PartHealth::Down(why) => format!("down: {why}"),
        PartHealth::Unknown => "not known".to_owned(),
    };
    let badge = (!health_of.is_empty()).then(|| view! { <span class="badge">{badge}</span> });
    view! {
        <div class="station" data-health=state data-testid=(!health_of.is_empty()).then(|| format!("part-{health_of}"))>
            <span class="name">{name}</span>
            {badge}
            <span class="words">{words}</span>
            <span class="number figures">{number}</span>
        </div>
    }
}
