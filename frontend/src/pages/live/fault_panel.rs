//! The panel of a part or a connection: all its faults, in a dialog below the picture.

use leptos::html;
use leptos::prelude::*;

use super::fault_card::FaultCard;
use super::fault_words::title;
use super::faults::Faults;

/// The durations, in seconds; none is until the visitor ends it.
const DURATIONS: [(Option<u32>, &str); 4] =
    [(None, "until I end it"), (Some(10), "10 s"), (Some(30), "30 s"), (Some(60), "60 s")];

/// The panel. The browser keeps the focus in it, closes it on Escape, and gives the focus back.
#[component]
pub fn FaultPanel() -> impl IntoView {
    let open = Faults::here().open;
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if open.get().is_some() {
            // After the content is there.
            request_animation_frame(move || {
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
    let contents = move || open.get().map(|target| view! { <Contents target/> });
    view! {
        <dialog class="fault-panel" node_ref=dialog closedby="any" aria-labelledby="fault-panel-title" data-testid="fault-panel"
            on:close=move |_| open.set(None)>
            <button type="button" class="quiet close" data-testid="close-faults" on:click=close>"Close"</button>
            {contents}
        </dialog>
    }
}

#[component]
fn Contents(target: &'static str) -> impl IntoView {
    let seconds = RwSignal::new(None::<u32>);
    let here = Faults::here().of(target);
    let cards = move || here.get().into_iter().map(|fault| view! { <FaultCard fault seconds/> }).collect_view();
    let durations = DURATIONS.map(|(value, words)| {
        view! { <option value=value.map(|value| value.to_string()).unwrap_or_default()>{words}</option> }
    });
    view! {
        <h2 id="fault-panel-title">{title(target)}</h2>
        <label class="lasts"><span>"A new fault lasts"</span>
            <select data-testid="fault-seconds" on:change=move |event| seconds.set(event_target_value(&event).parse().ok())>
                {durations.collect_view()}
            </select>
        </label>
        <ul role="list">{cards}</ul>
    }
}
