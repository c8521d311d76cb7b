//! The ledger of each route: the identity, term by term, and the other counts.

use domain::Route;
use domain::ledger::Balance;
use leptos::prelude::*;

use crate::components::ledger_terms::{APART, IDENTITY, Term, terms};
use crate::components::route_label::RouteHeads;
use crate::format::{self, signed};
use crate::memo::Memo;
use crate::signals::text;

/// The table.
#[component]
pub fn Counters(
    /// The balances in the order of the routes, once they are known.
    balances: Signal<Option<[Balance; 3]>>,
    /// Earlier balances; the table shows the changes since then.
    #[prop(optional)]
    before: Signal<[Balance; 3]>,
    /// Whose counts these are.
    caption: Signal<String>,
    /// Their age in seconds, if they are old.
    age: Memo<Option<u64>>,
    /// A sentence about events that are not in the balances.
    #[prop(optional)]
    besides: Signal<String>,
) -> impl IntoView {
    let row = move |&term: &'static Term| view! { <CounterRow term balances before/> };
    let rows = |terms: &'static [Term]| terms.iter().map(row).collect_view();
    let as_of =
        text(move || age.get().map(|seconds| format!("As of {} ago. ", format::age(seconds))).unwrap_or_default());
    let meanings = terms().map(|(_, name, meaning, _)| view! { <dt>{*name}</dt><dd>{*meaning}</dd> });
    let meanings = meanings.collect_view();
    view! {
        <table class="counters" data-old=text(move || age.get().is_some().to_string())>
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
fn CounterRow(term: Term, balances: Signal<Option<[Balance; 3]>>, before: Signal<[Balance; 3]>) -> impl IntoView {
    let (sign, name, _, value) = term;
    let cells = Route::ALL.map(|route| {
        let index = route as usize;
        let number = Memo::new(move |_| Some(value(&balances.get()?[index]) - value(&before.get()[index])));
        view! {
            <td class="figures" data-route=route.name() data-testid=format!("count-{route}-{}", name.replace(' ', "-"))
                data-zero=text(move || (number.get().unwrap_or_default() == 0).to_string())>
                {text(move || number.get().map_or_else(|| "–".to_owned(), signed))}
            </td>
        }
    });
    view! {
        <tr class="lane" data-term=name>
            <th scope="row" class="label"><span class="sign" aria-hidden="true">{sign}</span>{name}</th>
            {cells.collect_view()}
        </tr>
    }
}
