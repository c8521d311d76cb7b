//! The ledger of each route: the identity, term by term, and the other counts.

use domain::Route;
use leptos::prelude::*;

use crate::components::ledger_terms::{APART, IDENTITY, Term, terms};
use crate::components::route_label::RouteHeads;
use crate::context::Page;
use crate::format::{age, besides, count};
use crate::signals::{age_if_old, route_stats, text};

/// The table.
#[component]
pub fn Counters() -> impl IntoView {
    let rows = |terms: &'static [Term]| terms.iter().map(|&term| view! { <CounterRow term/> }).collect_view();
    let (state, old) = (Page::here().state, age_if_old());
    let as_of = text(move || old.get().map(|seconds| format!("As of {} ago. ", age(seconds))).unwrap_or_default());
    let besides = text(move || {
        state.with(|state| {
            let routes = state.stats.iter().flat_map(|stats| stats.routes.iter());
            besides(routes.map(|(route, stats)| (route, stats.unnumbered)))
        })
    });
    let meanings = terms().map(|(_, name, meaning, _)| view! { <dt>{*name}</dt><dd>{*meaning}</dd> });
    let meanings = meanings.collect_view();
    view! {
        <table class="counters" data-old=text(move || old.get().is_some().to_string())>
            <caption class="hidden">"The ledger, over all sessions"</caption>
            <thead class="hidden"><tr><th scope="col">"Count"</th><RouteHeads/></tr></thead>
            <tbody>{rows(&IDENTITY)}</tbody>
            <tbody class="apart">{rows(&APART)}</tbody>
        </table>
        <p class="besides figures"><b>{as_of}</b>{besides}</p>
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
    let stats = route_stats(route);
    let number = Memo::new(move |_| stats.get().map(|stats| value(&stats.balance)));
    view! {
        <td class="figures" data-route=route.name() data-testid=format!("count-{route}-{}", name.replace(' ', "-"))
            data-zero=text(move || (number.get().unwrap_or_default() == 0).to_string())>
            {text(move || number.get().map_or_else(|| "–".to_owned(), count))}
        </td>
    }
}
