//! The effect on each route if a part stops; the row of a part that is down is marked.

use domain::Route;
use leptos::prelude::*;

use crate::components::fold::Fold;
use crate::components::route_label::RouteTag;
use crate::signals::{part_health, text};
use crate::state::part_health::PartHealth;

/// The part that stops, and the effect on the events of each route.
const CASES: [(&str, [&str; 3]); 3] = [
    (
        "consumer",
        [
            "Refused with 503. The browser keeps the events and tries again.",
            "Accepted. They wait in the store; what is older than ten minutes expires there, and counts as lost.",
            "Accepted. They wait in the log, for days, and are read from where the consumer stopped.",
        ],
    ),
    (
        "broker",
        [
            "Goes on. Only mails wait, since they are asked for over Kafka.",
            "Goes on. Only mails wait, since they are asked for over Kafka.",
            "Refused for now. The browser keeps the events and tries again.",
        ],
    ),
    (
        "backend",
        [
            "The browser keeps the events. None was left on the way.",
            "The browser keeps new ones. What is in the store waits until the backend is back.",
            "The browser keeps new ones. What is in the log is still processed.",
        ],
    ),
];

/// The table.
#[component]
pub fn WhatIf() -> impl IntoView {
    let rows = CASES.map(|(name, outcomes)| view! { <Case name outcomes/> }).collect_view();
    let heads = Route::ALL.map(|route| view! { <th scope="col"><RouteTag route/></th> }).collect_view();
    view! {
        <div class="what-if">
            <Fold heading="What if …">
                <p class="hint">"While a route is effectively once, nothing that it accepted is lost in any of these, if the part is back in time. Each route answers for itself: one that takes nothing delays no other."</p>
                <table>
                    <thead><tr><th scope="col">"Stops"</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </Fold>
        </div>
    }
}

#[component]
fn Case(name: &'static str, outcomes: [&'static str; 3]) -> impl IntoView {
    let health = part_health(name);
    let now = move || health.with(PartHealth::is_down);
    let cells = Route::ALL.into_iter().zip(outcomes);
    let cells = cells.map(|(route, outcome)| {
        view! { <td data-route=route.name()><span class="route" aria-hidden="true">{route.name()}</span>{outcome}</td> }
    });
    view! {
        <tr data-now=text(move || now().to_string())>
            <th scope="row">{name}<span class="now">{text(move || if now() { " now".to_owned() } else { String::new() })}</span></th>
            {cells.collect_view()}
        </tr>
    }
}
