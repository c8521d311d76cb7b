//! The line above the picture: the active faults, and the button that ends them all.

use leptos::prelude::*;

use super::active_fault_text::summary;
use super::live_state::{Change, LiveState};
use crate::poll::attempt;
use crate::signals::{flag, text};

/// The line.
#[component]
pub fn FaultBar() -> impl IntoView {
    let live = LiveState::here();
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let none = flag(move || live.measured.with(|measured| measured.active().is_empty()));
    let words = text(move || {
        live.measured.with(|measured| match (measured.asked, &measured.faults) {
            (false, _) => String::new(),
            (true, None) => "Nothing can be broken from here: this server offers no faults. A stack of ese up does, unless it was started with --no-faults.".to_owned(),
            (true, Some(faults)) => summary(&faults.active),
        })
    });
    let restore = move |_| attempt(busy, trouble, live.change(Change::Restore));
    view! {
        <div class="fault-bar" data-testid="fault-bar" data-active=text(move || (!none.get()).to_string())>
            <p role="status">{words}</p>
            <button type="button" data-testid="restore" hidden=none on:click=restore>
                {text(move || if busy.get() { "Restoring …" } else { "Restore everything" }.to_owned())}
            </button>
            <p class="wrong" role="alert">{text(move || trouble.get())}</p>
        </div>
    }
}
