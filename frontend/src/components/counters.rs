//! The ledger of each route: the identity, term by term, and the other counts.

use domain::Route;
use domain::ledger::Balance;
use leptos::prelude::*;

use crate::components::ledger_terms::{APART, IDENTITY, Term, terms};
use crate::components::route_label::RouteHeads;
use crate::context::Page;
use crate::format::{age, besides, signed};
use crate::signals::{age_if_old, route_stats, text};

/// The table.
#[component]
pub fn Counters(
    /// Whether it shows the changes since this page was opened, instead of all that the ledger has.
    #[prop(optional)]
    since_opened: RwSignal<bool>,
) -> impl IntoView {
    let row = move |&term: &'static Term| view! { <CounterRow term since_opened/> };
    let rows = |terms: &'static [Term]| terms.iter().map(row).collect_view();
    let (state, old) = (Page::here().state, age_if_old());
    let as_of = text(move || old.get().map(|seconds| format!("As of {} ago. ", age(seconds))).unwrap_or_default());
    let besides = text(move || {
        let since_opened = since_opened.get();
        state.with(|state| {
            let before = |route| if since_opened { state.first_stats(route).unnumbered } else { 0 };
            let routes = state.stats.iter().flat_map(|stats| stats.routes.iter());
            besides(routes.map(|(route, stats)| (route, stats.unnumbered.saturating_sub(before(route)))))
        })
    });
    let caption = text(move || match since_opened.get() {
        true => "The changes of the ledger since this page was opened, over all sessions".to_owned(),
        false => "The ledger, over all sessions".to_owned(),
    });
    let meanings = terms().map(|(_, name, meaning, _)| view! { <dt>{*name}</dt><dd>{*meaning}</dd> });
    let meanings = meanings.collect_view();
    view! {
        <table class="counters" data-old=text(move || old.get().is_some().to_string())>
            <caption class="hidden">{caption}</caption>
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
fn CounterRow(term: Term, since_opened: RwSignal<bool>) -> impl IntoView {
    let (sign, name, ..) = term;
    let cells = Route::ALL.map(|route| view! { <Counter route term since_opened/> }).collect_view();
    view! {
        <tr class="lane" data-term=name>
            <th scope="row" class="label"><span class="sign" aria-hidden="true">{sign}</span>{name}</th>
            {cells}
        </tr>
    }
}

#[component]
fn Counter(route: Route, term: Term, since_opened: RwSignal<bool>) -> impl IntoView {
    let (_, name, _, value) = term;
    let (state, stats) = (Page::here().state, route_stats(route));
    let number = Memo::new(move |_| {
        let now = stats.get()?.balance;
        let before = match since_opened.get() {
            // It never changes.
            true => state.with_untracked(|state| state.first_stats(route).balance),
            false => Balance::default(),
        };
        Some(value(&now) - value(&before))
    });
    view! {
        <td class="figures" data-route=route.name() data-testid=format!("count-{route}-{}", name.replace(' ', "-"))
            data-zero=text(move || (number.get().unwrap_or_default() == 0).to_string())>
            {text(move || number.get().map_or_else(|| "–".to_owned(), signed))}
        </td>
    }
}
