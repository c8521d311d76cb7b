//! The button that kills the consumer for ten seconds, where the stack offers faults.

use domain::api::faults::{FaultRequest, FaultsView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::faults as api;
use crate::signals::{flag, part_health, text};
use crate::state::part_health::PartHealth;

/// How long the consumer is away, in seconds.
const SECONDS: u32 = 10;

/// The button, or the reason why there is none.
#[component]
pub fn StopConsumer() -> impl IntoView {
    // The token of the faults; empty where there are none, and none before the answer.
    let token = RwSignal::new(None::<String>);
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let health = part_health("consumer");
    spawn_local(async move {
        // Without an answer the header shows that the server is gone.
        if let Ok(view) = api::look().await {
            token.try_set(Some(view.filter(offers).map(|view| view.token).unwrap_or_default()));
        }
    });
    let stop = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let token = token.get_untracked().unwrap_or_default();
        spawn_local(async move {
            let outcome = api::start(&token, &fault()).await;
            trouble.try_set(outcome.err().unwrap_or_default());
            busy.try_set(false);
        });
    };
    let none = flag(move || token.with(|token| token.as_deref().unwrap_or_default().is_empty()));
    let words = text(move || {
        let words = match (token.get().as_deref(), health.with(PartHealth::is_down)) {
            (_, true) => "The consumer is down. Click now.",
            (Some(""), false) => "This server offers no faults; ese up does.",
            _ => "",
        };
        words.to_owned()
    });
    view! {
        <p>
            <button type="button" class="quiet" data-testid="stop-consumer" hidden=none on:click=stop>
                {format!("Stop it for {SECONDS} s")}
            </button>
            <span class="hint" role="status">{words}</span>
        </p>
        <p class="wrong" role="alert">{text(move || trouble.get())}</p>
    }
}

fn fault() -> FaultRequest {
    FaultRequest { seconds: Some(SECONDS), ..FaultRequest::new("kill", "consumer") }
}

/// Whether the stack offers this fault.
fn offers(view: &FaultsView) -> bool {
    let fault = fault();
    view.faults.iter().any(|offered| offered.kind == fault.kind && offered.target == fault.target)
}
