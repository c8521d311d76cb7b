//! The button of a part or a connection: it opens its faults, and shows those that are active.

use leptos::prelude::*;

use super::active_fault_text::{marks, title};
use super::live_state::LiveState;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::{changing, text};

/// The button; nothing where the stack offers no faults there.
#[component]
pub fn FaultButton(
    /// The part or the connection.
    target: &'static str,
    /// The health of a part.
    #[prop(optional)]
    health: Signal<String>,
) -> impl IntoView {
    let (page, live) = (Page::here(), LiveState::here());
    let offered = Memo::new(move |_| live.measured.with(|measured| measured.offers(target)));
    let marks = text(move || live.measured.with(|measured| marks(measured.active(), target, page.now.get())));
    let label = text(move || {
        let (marks, health) = (marks.get(), health.get());
        let state = if marks.is_empty() { "no fault" } else { &marks };
        let comma = if health.is_empty() { "" } else { ", " };
        format!("{}: {health}{comma}{state}. Open its faults", title(target))
    });
    changing(move || {
        offered.get().then(|| {
            view! {
                <button type="button" class="breaker" aria-haspopup="dialog" aria-label=label title=title(target)
                    data-testid=format!("breaker-{target}") data-active=text(move || (!marks.get().is_empty()).to_string())
                    on:click=move |_| live.open.set(target)>
                    <svg width="12" height="14" viewBox="0 0 12 14" aria-hidden="true"><path d="M7 0 1 8h4l-1 6 7-9H6z" fill="currentColor"/></svg>
                    <span class="mark figures" data-testid=format!("mark-{target}")>{marks}</span>
                </button>
            }
        })
    })
}
