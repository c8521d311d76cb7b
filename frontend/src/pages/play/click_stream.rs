//! The click stream: a button, a field, a key, and navigation.

use std::sync::Arc;

use domain::Kind;
use leptos::prelude::*;
use serde_json::json;

use super::copy_progress::in_words;
use crate::context::Page;
use crate::format::count;
use crate::memo::Memo;
use crate::signals::text;
use crate::state::event_row::EventRow;

/// The section.
#[component]
pub fn ClickStream(
    /// The newest event of this page.
    row: Memo<Option<Arc<EventRow>>>,
) -> impl IntoView {
    let page = Page::here();
    let press = move |_| page.emit(Kind::KeyPress, json!({ "key": "f", "by": "button" }));
    let newest =
        text(move || row.with(|row| row.as_deref().map_or_else(|| "Each click is one event.".to_owned(), in_words)));
    view! {
        <section class="clicks" aria-labelledby="clicks-title">
            <h2 id="clicks-title">"Your browser"<span class="hint">" · since the last reload"</span></h2>
            <ul class="acts" role="list">
                <li>
                    <button type="button" class="primary" data-testid="click-button" data-ese-event="click-me">"Click me"</button>
                    <Counted kind=Kind::ButtonClick what="clicks"/>
                </li>
                <li>
                    <label class="hidden" for="text">"Some text"</label>
                    <input id="text" type="text" data-testid="text-input" data-ese-event="text-input" maxlength="200"
                        placeholder="Type, then Enter" autocomplete="off" enterkeyhint="send"/>
                    <Counted kind=Kind::InputPassed what="inputs"/>
                </li>
                <li>
                    <span class="press">
                        "Press "<button type="button" class="keycap" data-testid="key-f" on:click=press aria-label="F key">"F"</button>
                        <span class="muted">" 3 times fast: a mail"</span>
                    </span>
                    <Counted kind=Kind::KeyPress what="key presses"/>
                </li>
                <li>
                    <span>"Move between pages"</span>
                    <Counted kind=Kind::Navigation what="navigations"/>
                </li>
            </ul>
            <p class="hint" role="status" data-testid="newest-event">{newest}</p>
        </section>
    }
}

/// The number of events of a kind that this page emitted.
#[component]
fn Counted(kind: Kind, what: &'static str) -> impl IntoView {
    let state = Page::here().state;
    let emitted = Memo::new(move |_| state.with(|state| state.emitted[kind as usize]));
    view! {
        <output class="figures">{text(move || count(emitted.get()))}<span class="hidden">" "{what}</span></output>
    }
}
