//! The event log, newest first; it can be paused.

use leptos::prelude::*;

use super::empty_log::EmptyLog;
use super::log_filter::LogFilter;
use super::log_row::LogRow;
use crate::components::keyed_rows::{Key, Rows};
use crate::context::Page;
use crate::format::count;
use crate::memo::Memo;
use crate::signals::{flag, text};

/// The log.
#[component]
pub fn Log(
    /// The rows.
    filter: LogFilter,
) -> impl IntoView {
    let page = Page::here();
    let LogFilter { mine, still, rows, .. } = filter;
    let others = Memo::new(move |_| page.state.with(|state| state.log.others()));
    let row = Callback::new(|(id, _): Key| view! { <LogRow id/> }.into_any());
    view! {
        <section class="log" aria-labelledby="log-title">
            <div class="title">
                <h2 id="log-title">"Events"</h2>
                <p class="legend" aria-hidden="true">
                    "In ms:"
                    <span><i></i>"to the backend"</span><span><i></i>"to the consumer"</span><span><i></i>"into the ledger"</span>
                </p>
                <label class="switch">
                    <input type="checkbox" role="switch" prop:checked=flag(move || !mine.get())
                        on:change=move |event| mine.set(!event_target_checked(&event))/>
                    <span>"Everyone’s"</span>
                    <span class="muted figures">{text(move || count(others.get()))}</span>
                </label>
                <label class="switch">
                    <input type="checkbox" role="switch" prop:checked=still
                        on:change=move |event| still.set(event_target_checked(&event))/>
                    <span>"Pause the list"</span>
                </label>
            </div>
            <Show when=move || rows.with(Vec::is_empty)><EmptyLog mine/></Show>
            <ol class="rows" role="list"><Rows keys=rows.signal() row/></ol>
            <Show when=move || filter.has_more()>
                <button type="button" class="quiet more" on:click=move |_| filter.show_more()>"Show more"</button>
            </Show>
        </section>
    }
}
