//! The log without events.

use leptos::prelude::*;

use crate::signals::text;

/// A hint how to begin.
#[component]
pub fn EmptyLog(
    /// Whether the log shows only events of this page.
    mine: RwSignal<bool>,
) -> impl IntoView {
    let hint = text(move || {
        match mine.get() {
        true => {
            "Click, type, press F, or walk an order through its steps. Each event appears here, with what becomes of it on each route."
        }
        false => "There are no events yet.",
    }.to_owned()
    });
    view! {
        <div class="empty">
            <svg viewBox="0 0 320 72" width="320" height="72" aria-hidden="true">
                <g fill="none" stroke="currentColor" stroke-width="1.5">
                    <rect x="1" y="20" width="44" height="32" rx="6"/>
                    <rect x="275" y="20" width="44" height="32" rx="6"/>
                </g>
                <g fill="none" stroke-width="2" stroke-linecap="round" stroke-dasharray="2 7">
                    <path data-route="http-push" d="M52 30C90 12 230 12 268 30"/>
                    <path data-route="http-poll" d="M52 36H268"/>
                    <path data-route="kafka" d="M52 42C90 60 230 60 268 42"/>
                </g>
            </svg>
            <p>{hint}</p>
        </div>
    }
}
