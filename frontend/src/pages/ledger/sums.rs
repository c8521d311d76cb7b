//! The numbers of the ledger, a column for each route, and their meanings.

use domain::Route;
use domain::ledger::Balance;
use leptos::prelude::*;

use crate::components::counters::Counters;
use crate::components::route_label::RouteTag;
use crate::memo::Memo;
use crate::signals::text;

/// The numbers.
#[component]
pub fn Sums(
    /// The balances in the order of the routes, once they are known.
    balances: Signal<Option<[Balance; 3]>>,
    /// Whose numbers these are.
    caption: &'static str,
    /// Their age in seconds, if they are old.
    age: Memo<Option<u64>>,
    /// A sentence about events that are not in the balances.
    #[prop(optional)]
    besides: Signal<String>,
) -> impl IntoView {
    let tags = Route::ALL.map(|route| view! { <RouteTag route/> }).collect_view();
    let caption = text(move || caption.to_owned());
    view! {
        <div class="lanes sums">
            // For screen readers the table has heads of its own.
            <div class="lane tags" aria-hidden="true"><span></span>{tags}</div>
            <Counters balances caption age besides/>
        </div>
    }
}
