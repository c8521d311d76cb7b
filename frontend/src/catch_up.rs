//! What the live stream does not say is asked for: which part is dead while it is silent, and what it left out.

use std::cell::Cell;
use std::rc::Rc;

use domain::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::frame_queue::FrameQueue;
use crate::state::page_state::{Input, State};

/// Asks the books about events of this browser that were accepted and not heard of since.
pub fn follow_up(state: RwSignal<State>, now: RwSignal<Timestamp>, frames: FrameQueue) {
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
            let books = api::session(&session.to_string()).await;
            asking.set(false);
            if let Ok(books) = books {
                frames.push(Input::Books(books.sessions));
            }
        });
    });
}

/// Asks from now on whenever it is needed, as long as the page lives; `now` moves once a second.
pub fn follow(state: RwSignal<State>, now: RwSignal<Timestamp>, frames: FrameQueue) {
    let silent = Memo::new(move |_| state.with(|state| state.feed.name(now.get()) != "live"));
    let asking = Rc::new(Cell::new(false));
    Effect::new(move |ran: Option<()>| {
        now.track();
        // Not at the very beginning: the stream is about to open.
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
