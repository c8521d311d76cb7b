//! The button that kills the consumer for ten seconds, where the stack offers faults.

use domain::api::faults::{FaultRequest, FaultsView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::faults as api;
use crate::poll::attempt;
use crate::signals::{flag, part_health, text};
use crate::state::part_health::PartHealth;

/// How long the consumer is away, in seconds.
const SECONDS: u32 = 10;

/// The button, or the reason why there is none.
#[component]
pub fn StopConsumer() -> impl IntoView {
    // Whether there was an answer about faults, and whether the stack offers this one.
    let (asked, offered) = (RwSignal::new(false), RwSignal::new(false));
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let health = part_health("consumer");
    spawn_local(async move {
        // Without an answer the header shows that the server is gone.
        if let Ok(view) = api::look().await {
            offered.try_set(view.as_ref().is_some_and(offers));
            asked.try_set(true);
        }
    });
    let stop = move |_| attempt(busy, trouble, kill());
    let missing = flag(move || !offered.get());
    let is_down = flag(move || health.with(PartHealth::is_down));
    let words = text(move || {
        let words = match (asked.get(), offered.get(), is_down.get()) {
            (.., true) => "The consumer is down. Click now.",
            (true, false, false) => "This server offers no faults; ese up does.",
            _ => "",
        };
        words.to_owned()
    });
    view! {
        <p>
            <button type="button" class="quiet" data-testid="stop-consumer" hidden=missing disabled=is_down on:click=stop>
                {format!("Stop it for {SECONDS} s")}
            </button>
            <span class="hint" role="status">{words}</span>
        </p>
        <p class="wrong" role="alert">{text(move || trouble.get())}</p>
    }
}

/// Kills the consumer. A stack that was started again has another token, so it is read now.
async fn kill() -> Result<(), String> {
    let token = api::look().await?.map(|view| view.token).unwrap_or_default();
    api::start(&token, &fault()).await
}

fn fault() -> FaultRequest {
    FaultRequest { seconds: Some(SECONDS), ..FaultRequest::new("kill", "consumer") }
}

/// Whether the stack offers this fault.
fn offers(view: &FaultsView) -> bool {
    let fault = fault();
    view.faults.iter().any(|offered| offered.kind == fault.kind && offered.target == fault.target)
}
