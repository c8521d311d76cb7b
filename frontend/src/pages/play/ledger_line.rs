//! The ledger as one line that opens to all its numbers.

use leptos::prelude::*;

use super::ledger_words::ledger_words;
use crate::components::counters::Counters;
use crate::context::Page;
use crate::format::age;
use crate::signals::{age_if_old, text};

/// The line.
#[component]
pub fn LedgerLine() -> impl IntoView {
    let (state, old) = (Page::here().state, age_if_old());
    let words = Memo::new(move |_| state.with(|state| state.stats.as_ref().map(ledger_words)));
    let as_of = text(move || old.get().map(|seconds| format!("As of {} ago: ", age(seconds))).unwrap_or_default());
    view! {
        <details class="ledger-line" data-testid="ledger-line">
            <summary data-testid="ledger-open">
                <span class="muted">"Ledger of all sessions"</span>" "{as_of}
                <span class="figures">{text(move || words.get().unwrap_or_else(|| "It is not known yet.".to_owned()))}</span>
            </summary>
            <Counters/>
        </details>
    }
}
