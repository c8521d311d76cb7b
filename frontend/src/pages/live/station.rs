//! A station of the picture: the name, the task and the health of a part, and the button of its faults.

use leptos::prelude::*;

use super::fault_button::FaultButton;
use super::signals::part_health;
use crate::signals::text;
use crate::state::part_health::PartHealth;

/// The station.
#[component]
pub fn Station(
    /// Its name.
    name: &'static str,
    /// Its task, in a few words.
    words: &'static str,
    /// The part whose health is shown; empty for none.
    #[prop(optional)]
    health_of: &'static str,
    /// The part whose faults it opens; empty for none.
    #[prop(optional)]
    breaks: &'static str,
    /// Its number.
    #[prop(optional)]
    number: Signal<String>,
) -> impl IntoView {
    let health = part_health(health_of);
    let (state, badge) = match health_of {
        "" => (text(|| "none".to_owned()), text(String::new)),
        _ => (
            text(move || health.with(PartHealth::name).to_owned()),
            text(move || match health.get() {
                PartHealth::Up => "up".to_owned(),
                PartHealth::Down(why) => format!("down: {why}"),
                PartHealth::Unknown => "not known".to_owned(),
            }),
        ),
    };
    view! {
        <div class="station" data-health=state data-testid=(!health_of.is_empty()).then(|| format!("part-{health_of}"))>
            <span class="name">{name}</span>
            <span class="badge">{badge}</span>
            <span class="words">{words}</span>
            <span class="number figures">{number}</span>
            {(!breaks.is_empty()).then(|| view! { <FaultButton target=breaks health=badge/> })}
        </div>
    }
}
