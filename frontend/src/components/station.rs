//! A station of a picture: the name, the task and the health of a part.

use leptos::prelude::*;

use crate::signals::{part_health, text};
use crate::state::part_health::PartHealth;

/// The task of the backend.
pub const BACKEND_TASK: &str = "checks each event and puts it on its route";
/// The task of the consumer.
pub const CONSUMER_TASK: &str = "enters each event into the ledger once";

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
    /// The words for its health; empty for the usual ones.
    #[prop(optional)]
    health_words: Signal<String>,
    /// Its number.
    #[prop(optional)]
    number: Signal<String>,
    /// The last thing in it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let health = part_health(health_of);
    let state = text(move || match health_of {
        "" => "none".to_owned(),
        _ => health.with(PartHealth::name).to_owned(),
    });
    let usual = badge(health_of);
    let words_of_health = text(move || {
        let own = health_words.get();
        if own.is_empty() { usual.get() } else { own }
    });
    view! {
        <div class="station" data-health=state data-testid=(!health_of.is_empty()).then(|| format!("part-{health_of}"))>
            <span class="name">{name}</span>
            <span class="badge" title=usual>{words_of_health}</span>
            <span class="words">{words}</span>
            <span class="number figures">{number}</span>
            {children.map(|children| children())}
        </div>
    }
}

/// The health of a part, in words; empty for no part.
pub fn badge(part: &'static str) -> Signal<String> {
    if part.is_empty() {
        return text(String::new);
    }
    let health = part_health(part);
    text(move || match health.get() {
        PartHealth::Up => "up".to_owned(),
        PartHealth::Down(why) => format!("down: {why}"),
        PartHealth::Unknown => "not known".to_owned(),
    })
}
