//! Repeated requests while a component is mounted, one at a time.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::Page;

/// Sends a request now and then every `seconds`, unless the last one has no answer yet.
pub fn poll<F: Future<Output = ()> + 'static>(seconds: u64, ask: impl Fn() -> F + 'static) {
    poll_boxed(seconds, Box::new(move || Box::pin(ask())));
}

type Asking = Pin<Box<dyn Future<Output = ()>>>;

/// The boxed part, compiled once for all requests.
fn poll_boxed(seconds: u64, ask: Box<dyn Fn() -> Asking>) {
    let page = Page::here();
    let due = Memo::new(move |_| page.now.get().millis().unsigned_abs() / (seconds * 1000));
    let asking = Rc::new(Cell::new(false));
    Effect::new(move || {
        // A memo runs only when it is read; tracking alone is not enough.
        due.get();
        if asking.replace(true) {
            return;
        }
        let (asking, answer) = (asking.clone(), ask());
        spawn_local(async move {
            answer.await;
            asking.set(false);
        });
    });
}
