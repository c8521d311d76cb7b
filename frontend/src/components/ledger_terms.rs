//! The parts of the ledger's tables: heads, routes and numbers.

use domain::ledger::Balance;
use leptos::prelude::*;

use crate::format::count;

/// A number of the books: the sign before it, its name, what it means, and how to read it.
pub type Term = (&'static str, &'static str, &'static str, fn(&Balance) -> u64);

/// The identity, in its order.
pub const IDENTITY: [Term; 6] = [
    ("", "emitted", "numbered by senders", |balance| balance.emitted),
    ("=", "processed", "entered into the books, each once", |balance| balance.processed),
    ("+", "rejected", "refused for good", |balance| balance.rejected),
    ("+", "shed", "dropped by a sender whose queue was full", |balance| balance.shed),
    ("+", "in flight", "waiting at a sender or on the route", |balance| balance.in_flight),
    ("+", "lost", "accepted, and gone though the route is empty", |balance| balance.lost),
];
/// What is counted apart.
pub const APART: [Term; 3] = [
    ("", "duplicates", "arrived again, and not counted again", |balance| balance.duplicates),
    (
        "",
        "reordered",
        "arrived after a later one, and counted all the same: kafka keeps order within a partition, not across them",
        |balance| balance.reordered,
    ),
    ("±", "residual", "what the sum leaves over; 0, or somebody counts wrong", |balance| {
        balance.residual.unsigned_abs()
    }),
];

/// All of them.
pub fn terms() -> impl Iterator<Item = &'static Term> {
    IDENTITY.iter().chain(&APART)
}

/// The heads of the columns of [`Numbers`].
#[component]
pub fn TermHeads() -> impl IntoView {
    terms()
        .map(|(_, name, meaning, _)| view! { <th scope="col" class="term" title=*meaning>{*name}</th> })
        .collect_view()
}

/// The terms of the identity, and what is counted apart.
#[component]
pub fn Numbers(
    /// Of what.
    balance: Balance,
) -> impl IntoView {
    terms()
        .map(|(.., read)| read(&balance))
        .map(|number| view! { <td class="figures" data-zero=(number == 0).to_string()>{count(number)}</td> })
        .collect_view()
}
