//! The ledger of this tab's own session as one line that opens to all its numbers.

use leptos::prelude::*;

use super::own_ledger::own_ledger;
use super::own_ledger_text::ledger_words;
use crate::components::counters::Counters;
use crate::format::age;
use crate::memo::Memo;
use crate::pages::ledger::latest_ledger::balances;
use crate::signals::text;

/// The line.
#[component]
pub fn LedgerLine() -> impl IntoView {
    let latest = own_ledger();
    let old = latest.age_if_old();
    let balances =
        Memo::new(move |_| latest.ledger.with(|ledger| ledger.as_ref().map(|view| balances(&view.sessions))));
    let words = text(move || {
        balances.with(|balances| {
            let missing = || "The consumer has not answered yet.".to_owned();
            balances.as_ref().map_or_else(missing, ledger_words)
        })
    });
    let as_of = text(move || old.get().map(|seconds| format!(", as of {} ago", age(seconds))).unwrap_or_default());
    let caption = text(|| "The ledger of this tab’s session".to_owned());
    view! {
        <details class="ledger-line" data-testid="ledger-line">
            <summary data-testid="ledger-open">
                <span class="muted">"This tab’s ledger"{as_of}":"</span>" "<span class="figures">{words}</span>
            </summary>
            <Counters balances=balances.signal() caption age=old/>
        </details>
    }
}
