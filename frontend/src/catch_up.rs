//! Requests for data that the live stream left out: the health of the parts, and overdue events.

use std::cell::Cell;
use std::rc::Rc;

use domain::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::frame_queue::FrameQueue;
use crate::memo::Memo;
use crate::state::page_state::{Input, State};

/// Requests the ledger for overdue events of this browser: accepted, but not in the live stream since.
pub fn overdue_events(state: RwSignal<State>, now: RwSignal<Timestamp>, frames: FrameQueue) {
    let asking = Rc::new(Cell::new(false));
    Effect::new(move || {
        let now = now.get();
        let overdue = |state: &State| state.log.overdue(now).filter(|_| state.feed.name(now) == "live");
        let Some(session) = state.with_untracked(overdue) else { return };
        if asking.replace(true) {
            return;
        }
        let (frames, asking) = (frames.clone(), asking.clone());
        spawn_local(async move {
            let ledger = api::session(&session.to_string()).await;
            asking.set(false);
            if let Ok(ledger) = ledger {
                frames.push(Input::Ledger(ledger.sessions));
            }
        });
    });
}

/// Requests the health of the parts each second while the live stream is silent.
pub fn parts(state: RwSignal<State>, now: RwSignal<Timestamp>, frames: FrameQueue) {
    let silent = Memo::new(move |_| state.with(|state| state.feed.name(now.get()) != "live"));
    let asking = Rc::new(Cell::new(false));
    Effect::new(move |ran: Option<()>| {
        now.track();
        // Not on the first run: the stream is about to open.
        if !silent.get() || ran.is_none() || asking.replace(true) {
            return;
        }
        let (frames, asking) = (frames.clone(), asking.clone());
        spawn_local(async move {
            let parts = api::parts().await.unwrap_or_default();
            asking.set(false);
            frames.push(Input::Parts(parts));
        });
    });
}
