//! Buffered sending: events are held, then sent together.

use leptos::prelude::*;

use super::buffer_size::{BUFFER_EVENTS, BUFFER_SECONDS};
use crate::context::Page;
use crate::format::events;
use crate::memo::Memo;
use crate::signals::{flag, text};

/// The section.
#[component]
pub fn BufferedSending() -> impl IntoView {
    let page = Page::here();
    let held = Memo::new(move |_| page.state.with(|state| state.sending.held as u64));
    let about = text(move || match (page.buffered.get(), held.get()) {
        (false, _) => "Each event leaves at once.".to_owned(),
        (true, 0) => format!("Held until {BUFFER_EVENTS} wait or {BUFFER_SECONDS} s have passed."),
        (true, held) => format!("{} held back.", events(held)),
    });
    view! {
        <section class="panel pacing" aria-label="Buffered sending">
            <label class="switch">
                <input type="checkbox" role="switch" data-testid="buffered" prop:checked=page.buffered
                    on:change=move |event| page.buffer(event_target_checked(&event))/>
                <span>"Buffered sending"</span>
            </label>
            <button type="button" class="quiet" data-testid="send-now" disabled=flag(move || held.get() == 0)
                on:click=move |_| page.send_now()>"Send now"</button>
            <p class="hint" role="status">{about}</p>
        </section>
    }
}
