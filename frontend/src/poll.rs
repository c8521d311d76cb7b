//! Requests of components, one at a time: repeated ones, and those of a button.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::Page;
use crate::memo::Memo;

/// Sends a request now, every `seconds`, and when a signal changes that `ask` reads before its request. A request that is
/// due before the last one has an answer follows that answer.
pub fn poll<F: Future<Output = ()> + 'static>(seconds: u64, ask: impl Fn() -> F + 'static) {
    poll_boxed(seconds, Box::new(move || Box::pin(ask())));
}

type Asking = Pin<Box<dyn Future<Output = ()>>>;

/// The boxed part, compiled once for all requests.
fn poll_boxed(seconds: u64, ask: Box<dyn Fn() -> Asking>) {
    let page = Page::here();
    let due = Memo::new(move |_| page.now.get().millis().unsigned_abs() / (seconds * 1000));
    let asking = RwSignal::new(false);
    let next = Rc::new(Cell::new(None::<Asking>));
    Effect::new(move || {
        // A memo runs only when it is read; tracking alone is not enough.
        due.get();
        // A request begins when it is awaited: one that is replaced is never sent.
        next.set(Some(ask()));
        if asking.get_untracked() {
            return;
        }
        asking.set(true);
        let next = next.clone();
        spawn_local(async move {
            // Nothing is sent once the component is gone.
            while let Some(request) = next.take().filter(|_| !asking.is_disposed()) {
                request.await;
            }
            asking.try_set(false);
        });
    });
}

/// Sends the request of a button, unless one is under way (`busy`); `trouble` is the reason why it failed, or empty.
pub fn attempt(
    busy: RwSignal<bool>,
    trouble: RwSignal<String>,
    request: impl Future<Output = Result<(), String>> + 'static,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        let outcome = request.await;
        trouble.try_set(outcome.err().unwrap_or_default());
        busy.try_set(false);
    });
}
