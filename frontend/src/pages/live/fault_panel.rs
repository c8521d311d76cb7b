//! The panel of a part or a connection: all its faults, in a dialog below the picture.

use domain::{Guarantee, Route};
use leptos::html;
use leptos::prelude::*;

use super::active_fault_text::title;
use super::fault_card::FaultCard;
use super::live_state::LiveState;
use crate::signals::{changing, flag};

/// The durations in seconds; none is until the visitor ends it.
const DURATIONS: [(&str, &str); 4] = [("", "until I end it"), ("10", "10 s"), ("30", "30 s"), ("60", "60 s")];

/// The panel. The browser keeps the focus in it, closes it on Escape, and gives the focus back.
#[component]
pub fn FaultPanel() -> impl IntoView {
    let live = LiveState::here();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if !live.open.get().is_empty() {
            // After the content is there. The picture stays in sight above the panel.
            request_animation_frame(move || {
                if let Some(picture) = document().get_element_by_id("way-title") {
                    picture.scroll_into_view();
                }
                if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
                    dialog.show_modal().ok();
                }
            });
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let contents = move || match live.open.get() {
        "" => ().into_any(),
        target => view! { <Contents target/> }.into_any(),
    };
    view! {
        <dialog class="fault-panel" node_ref=dialog closedby="any" aria-labelledby="fault-panel-title" data-testid="fault-panel"
            on:close=move |_| live.open.set("")>
            <button type="button" class="quiet close" data-testid="close-faults" on:click=close>"Close"</button>
            {changing(contents)}
        </dialog>
    }
}

#[component]
fn Contents(target: &'static str) -> impl IntoView {
    let seconds = RwSignal::new(String::new());
    let measured = LiveState::here().measured;
    let strong = flag(move || {
        measured.with(|measured| Route::ALL.iter().all(|route| measured.guarantee(*route) == Guarantee::default()))
    });
    // The list of faults is the same as long as the stack runs.
    let here = LiveState::here().measured.with_untracked(|measured| {
        let all = measured.faults.iter().flat_map(|faults| &faults.faults);
        all.filter(|fault| fault.target == target).cloned().collect::<Vec<_>>()
    });
    let cards = here.into_iter().map(|fault| view! { <FaultCard fault seconds/> }).collect_view();
    let durations = DURATIONS.map(|(value, words)| view! { <option value=value>{words}</option> }).collect_view();
    view! {
        <h2 id="fault-panel-title">{title(target)}</h2>
        <label class="lasts"><span>"A new fault lasts"</span>
            <select data-testid="fault-seconds" on:change=move |event| seconds.set(event_target_value(&event))>{durations}</select>
        </label>
        <p class="hint" hidden=strong>"A route has a weaker guarantee now. These sentences are about effectively once."</p>
        <ul role="list">{cards}</ul>
    }
}
