//! The life of a page: a lease renewed each second, a last report on close, and sessions taken over from closed tabs.

use domain::Timestamp;
use gloo_timers::callback::Interval;
use wasm_bindgen::prelude::*;
use web_sys::PageTransitionEvent;

use super::{Tracking, now, transport};
use crate::queue::DEFAULT_LIMIT;
use crate::storage;

/// The lease of a visible tab: how long after its last renewal the tab counts as closed, in milliseconds.
const LEASE_MS: i64 = 5_000;
/// The lease of a hidden tab; browsers may run its timers only once a minute.
const HIDDEN_LEASE_MS: i64 = 150_000;
/// How often to look for sessions of closed tabs, in seconds.
const ADOPT_EVERY: u32 = 5;

/// How long the lease lasts until it is renewed.
pub(super) fn lease_ms() -> i64 {
    let document = web_sys::window().and_then(|window| window.document());
    if document.is_some_and(|document| document.hidden()) { HIDDEN_LEASE_MS } else { LEASE_MS }
}

impl Tracking {
    pub(super) fn keep_alive(&self) {
        let this = self.clone();
        let mut seconds = 0;
        let interval = Interval::new(1000, move || {
            seconds += 1;
            if seconds % ADOPT_EVERY == 0 {
                this.adopt();
            }
            this.drive();
        });
        self.0.borrow_mut().seconds = Some(interval);
        self.adopt();
        self.drive();

        let this = self.clone();
        listen("pagehide", move |_| this.close());
        let this = self.clone();
        listen("visibilitychange", move |_| this.drive());
        listen("pageshow", |event| {
            // The page comes from the back/forward cache. Another tab may have taken over this session.
            if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted)
                && let Some(window) = web_sys::window()
            {
                window.location().reload().ok();
            }
        });
    }

    fn adopt(&self) {
        let mut inner = self.0.borrow_mut();
        for (tracker, events) in storage::adopt(&*inner.storage, DEFAULT_LIMIT, now()) {
            let known = inner.trackers.iter().any(|own| own.session() == tracker.session());
            if !known {
                inner.trackers.push(tracker);
                inner.events.extend(events);
            }
        }
        // From now on this page's lease covers them.
        inner.save(lease_ms(), now());
    }

    fn close(&self) {
        let mut inner = self.0.borrow_mut();
        inner.save(0, Timestamp::default());
        inner.gone = true;
        for tracker in &inner.trackers {
            if !tracker.ledger.is_reported() {
                transport::report_on_close(tracker.session(), &tracker.ledger.report());
            }
        }
    }
}

fn listen(event: &str, then: impl FnMut(web_sys::Event) + 'static) {
    let Some(window) = web_sys::window() else { return };
    let closure = Closure::<dyn FnMut(web_sys::Event)>::new(then);
    // `visibilitychange` is fired on the document and bubbles up to the window.
    window.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref()).ok();
    // It lives as long as the page.
    closure.forget();
}
