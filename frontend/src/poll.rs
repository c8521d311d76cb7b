//! Asking the server again and again, one question at a time, while a component is there.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::Page;

/// Asks at once and then every `seconds`; a question that is not answered yet is waited for.
pub fn poll<F: Future<Output = ()> + 'static>(seconds: u64, ask: impl Fn() -> F + 'static) {
    poll_boxed(seconds, Box::new(move || Box::pin(ask())));
}

type Asking = Pin<Box<dyn Future<Output = ()>>>;

/// One machinery for all questions, whatever their types.
fn poll_boxed(seconds: u64, ask: Box<dyn Fn() -> Asking>) {
    let page = Page::here();
    let due = Memo::new(move |_| page.now.get().millis().unsigned_abs() / (seconds * 1000));
    let asking = Rc::new(Cell::new(false));
    Effect::new(move || {
        // Read, not only tracked: a memo that nobody reads never runs, and so never hears that time passes.
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
