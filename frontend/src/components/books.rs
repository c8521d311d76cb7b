//! The parts of the ledger's tables: heads, routes and numbers.

use domain::ledger::Balance;
use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::glyph::Glyph;
use crate::format::count;

const TERMS: [(&str, &str); 9] = [
    ("Emitted", "numbered by clients"),
    ("Processed", "entered into the books"),
    ("Rejected", "refused for good"),
    ("Shed", "dropped by a client's full queue"),
    ("In flight", "on the way"),
    ("Lost", "accepted, and never came"),
    ("Duplicates", "came again"),
    ("Reordered", "came after a later one"),
    ("Residual", "what the identity leaves over"),
];

/// The heads of the columns of [`Numbers`].
#[component]
pub fn TermHeads() -> impl IntoView {
    TERMS.map(|(name, about)| view! { <th scope="col" title=about>{name}</th> }).collect_view()
}

/// The head of a route's row.
#[component]
pub fn RouteHead(
    /// Which.
    route: Route,
) -> impl IntoView {
    view! { <th scope="row"><RouteTag route/></th> }
}

/// A route's name in its colour, with its sign.
#[component]
pub fn RouteTag(
    /// Which.
    route: Route,
) -> impl IntoView {
    view! { <span class="tag" data-route=route.name()><Glyph choice=RouteChoice::One(route)/>{route.name()}</span> }
}

/// The terms of the identity, and what is counted apart.
#[component]
pub fn Numbers(
    /// Of what.
    balance: Balance,
) -> impl IntoView {
    let Balance { emitted, processed, rejected, shed, in_flight, lost, duplicates, reordered, residual } = balance;
    let numbers = [emitted, processed, rejected, shed, in_flight, lost, duplicates, reordered, residual.unsigned_abs()];
    numbers
        .map(|number| view! { <td class="figures" data-zero=(number == 0).to_string()>{count(number)}</td> })
        .collect_view()
}
