//! The button of a part or a connection: it opens its faults, and shows those that are active.

use leptos::prelude::*;

use super::fault_words::{mark, title};
use super::faults::Faults;
use crate::context::Page;
use crate::signals::text;

/// The button; nothing where the stack offers no faults there.
#[component]
pub fn FaultButton(
    /// The part or the connection.
    target: &'static str,
    /// The health of a part.
    #[prop(optional)]
    health: Signal<String>,
) -> impl IntoView {
    let (page, faults) = (Page::here(), Faults::here());
    let (here, active) = (faults.of(target), faults.active());
    let offered = Memo::new(move |_| here.with(|here| !here.is_empty()));
    let marks = Memo::new(move |_| {
        let now = page.now.get();
        active.with(|active| {
            active
                .iter()
                .filter(|fault| fault.target == target)
                .map(|fault| mark(fault, now))
                .collect::<Vec<_>>()
                .join(", ")
        })
    });
    let is_part = !title(target).starts_with("Connection");
    let label = text(move || {
        let state = [health.get(), marks.get()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let state = if state.is_empty() { "no fault".to_owned() } else { state.join(", ") };
        format!("{}: {state}. Open its faults", title(target))
    });
    move || {
        offered.get().then(|| {
            view! {
                <button type="button" class="breaker" class:of-part=is_part aria-haspopup="dialog" aria-label=label title=title(target)
                    data-testid=format!("breaker-{target}") data-active=text(move || (!marks.with(String::is_empty)).to_string())
                    on:click=move |_| faults.open.set(Some(target))>
                    <svg width="12" height="14" viewBox="0 0 12 14" aria-hidden="true"><path d="M7 0 1 8h4l-1 6 7-9H6z" fill="currentColor"/></svg>
                    <span class="mark figures" data-testid=format!("mark-{target}")>{marks}</span>
                </button>
            }
        })
    }
}
