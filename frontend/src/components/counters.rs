//! The books of each route: the identity, term by term, and what is counted apart.

use domain::Route;
use domain::ledger::Balance;
use leptos::prelude::*;

use crate::components::lanes::stats;
use crate::components::text;
use crate::format::count;

/// The sign before a term, its name, what it means, and how to read it from a balance.
type Term = (&'static str, &'static str, &'static str, fn(&Balance) -> u64);

const IDENTITY: [Term; 6] = [
    ("", "emitted", "numbered by senders", |balance| balance.emitted),
    ("=", "processed", "entered into the books, each once", |balance| balance.processed),
    ("+", "rejected", "refused for good", |balance| balance.rejected),
    ("+", "shed", "dropped by a sender whose queue was full", |balance| balance.shed),
    ("+", "in flight", "waiting at a sender or on the route", |balance| balance.in_flight),
    ("+", "lost", "accepted, and gone though the route is empty", |balance| balance.lost),
];
const APART: [Term; 3] = [
    ("", "duplicates", "arrived again, and not counted again", |balance| balance.duplicates),
    ("", "reordered", "arrived after a later one, and counted all the same", |balance| balance.reordered),
    ("±", "residual", "what the sum leaves over; 0, or somebody counts wrong", |balance| {
        balance.residual.unsigned_abs()
    }),
];

/// The table.
#[component]
pub fn Counters() -> impl IntoView {
    let heads =
        Route::ALL.map(|route| view! { <th scope="col" data-route=route.name()>{route.name()}</th> }).collect_view();
    let rows = |terms: &'static [Term]| terms.iter().map(|&term| view! { <CounterRow term/> }).collect_view();
    let meanings =
        IDENTITY.iter().chain(&APART).map(|(_, name, meaning, _)| view! { <dt>{*name}</dt><dd>{*meaning}</dd> });
    let meanings = meanings.collect_view();
    view! {
        <table class="counters">
            <caption class="hidden">"The books, over all sessions"</caption>
            <thead class="hidden"><tr><th scope="col">"Count"</th>{heads}</tr></thead>
            <tbody>{rows(&IDENTITY)}</tbody>
            <tbody class="apart">{rows(&APART)}</tbody>
        </table>
        <details class="words">
            <summary>"What the numbers mean"</summary>
            <dl>{meanings}</dl>
        </details>
    }
}

#[component]
fn CounterRow(term: Term) -> impl IntoView {
    let (sign, name, ..) = term;
    let cells = Route::ALL.map(|route| view! { <Counter route term/> }).collect_view();
    view! {
        <tr class="lane" data-term=name>
            <th scope="row" class="label"><span class="sign" aria-hidden="true">{sign}</span>{name}</th>
            {cells}
        </tr>
    }
}

#[component]
fn Counter(route: Route, term: Term) -> impl IntoView {
    let (_, name, _, value) = term;
    let stats = stats(route);
    let number = Memo::new(move |_| stats.get().map(|stats| value(&stats.balance)));
    view! {
        <td class="figures" data-route=route.name() data-testid=format!("count-{route}-{}", name.replace(' ', "-"))
            data-zero=text(move || (number.get() == Some(0)).to_string())>
            {text(move || number.get().map_or_else(|| "–".to_owned(), count))}
        </td>
    }
}
