//! The line above the picture: the active faults, and the button that ends them all.

use domain::api::faults::ActiveFault;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fault_words::{effect, mark};
use super::faults::Faults;
use crate::context::Page;
use crate::signals::{flag, text};

/// The line.
#[component]
pub fn FaultBar() -> impl IntoView {
    let (page, faults) = (Page::here(), Faults::here());
    let (offered, active) = (faults.offered(), faults.active());
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let any = Memo::new(move |_| active.with(|active| !active.is_empty()));
    let words = text(move || {
        match (faults.asked.get(), offered.get()) {
        (false, _) => String::new(),
        (true, false) => {
            "Nothing can be broken from here: this server offers no faults. A stack of ese up does, unless it was started with --no-faults."
                .to_owned()
        }
        (true, true) if any.get() => {
            let now = page.now.get();
            let one = |fault: &ActiveFault| format!("{}: {}", fault.target, mark(fault, now));
            active.with(|active| active.iter().map(one).collect::<Vec<_>>().join(" · "))
        }
        (true, true) => "No fault is active. Choose a part or a connection in the picture to break it on purpose.".to_owned(),
    }
    });
    // Announced once for each change, without the ages.
    let announced = Memo::new(move |_| {
        let names = |fault: &ActiveFault| format!("{} {}", fault.target, effect(&fault.kind));
        active.with(|active| match active.is_empty() {
            true => "No fault is active.".to_owned(),
            false => format!("Active faults: {}.", active.iter().map(names).collect::<Vec<_>>().join(", ")),
        })
    });
    let restore = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let outcome = faults.restore().await;
            trouble.try_set(outcome.err().unwrap_or_default());
            busy.try_set(false);
        });
    };
    view! {
        <div class="fault-bar" data-testid="fault-bar" data-active=text(move || any.get().to_string())>
            <p class="figures">{words}</p>
            <button type="button" data-testid="restore" hidden=flag(move || !any.get()) on:click=restore>
                {text(move || if busy.get() { "Restoring …" } else { "Restore everything" }.to_owned())}
            </button>
            <p class="hidden" role="status">{text(move || if offered.get() { announced.get() } else { String::new() })}</p>
            <p class="wrong" role="alert">{trouble}</p>
        </div>
    }
}
