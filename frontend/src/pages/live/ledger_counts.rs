//! The counts of the ledger over all sessions: everything, or the changes since this page was opened.

use domain::Route;
use leptos::prelude::*;

use crate::components::counters::Counters;
use crate::components::fold::Fold;
use crate::context::Page;
use crate::format::besides;
use crate::memo::Memo;
use crate::signals::{age_if_old, flag, text};

/// The meaning of the counts, for each choice.
const EVERYTHING: &str = "Of every session that ever sent events here, not of this page alone.";
const CHANGES: &str = "How much each count has changed since then, over all sessions. A change is below 0 where the count was larger before: events in flight then are processed now.";
/// The meaning of the terms that are not plain words.
const TERMS: &str = "Shed: dropped by a sender whose queue was full, never sent. In flight: not processed yet. Residual: the rest that the sum leaves over; 0, or a count is wrong.";

/// The choice, and the counts.
#[component]
pub fn LedgerCounts() -> impl IntoView {
    let (state, since_opened) = (Page::here().state, RwSignal::new(false));
    let balances = Memo::new(move |_| {
        state.with(|state| {
            let stats = state.stats.as_ref()?;
            Some(Route::ALL.map(|route| stats.routes.get(route).map(|stats| stats.balance).unwrap_or_default()))
        })
    });
    let before = Signal::derive(move || match since_opened.get() {
        // They never change.
        true => state.with_untracked(|state| Route::ALL.map(|route| state.first_stats(route).balance)),
        false => Default::default(),
    });
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
    view! {
        <Fold heading="Counts of the ledger">
            <Period since_opened/>
            <Counters balances=balances.signal() before caption age=age_if_old() besides/>
        </Fold>
    }
}

/// The choice of the counts: all that the ledger has, or the changes since this page was opened.
#[component]
fn Period(since_opened: RwSignal<bool>) -> impl IntoView {
    let words = text(move || if since_opened.get() { CHANGES } else { EVERYTHING }.to_owned());
    let option = |value: bool, test_id: &'static str, name: &'static str| {
        view! {
            <label data-testid=test_id>
                <input type="radio" name="period" prop:checked=flag(move || since_opened.get() == value)
                    on:change=move |_| since_opened.set(value)/>
                {name}
            </label>
        }
    };
    view! {
        <fieldset class="period" aria-describedby="period-words">
            <legend class="hidden">"Counted since"</legend>
            <div class="segments">
                {option(false, "period-all", "All since the ledger began")}
                {option(true, "period-opened", "Since this page was opened")}
            </div>
            <p class="hint" id="period-words">{words}</p>
            <p class="hint">{TERMS}</p>
        </fieldset>
    }
}
