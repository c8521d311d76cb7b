//! The life of a page: a lease renewed in time, last requests on close, and sessions taken over from closed tabs.

use gloo_timers::callback::Interval;
use wasm_bindgen::prelude::*;
use web_sys::PageTransitionEvent;

use super::{Inner, Tracking, new_session, now, transport};

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
            this.0.borrow_mut().give_up_write(now());
            this.drive();
        });
        self.0.borrow_mut().seconds = Some(interval);
        self.drive();

        let this = self.clone();
        listen("pagehide", move |_| this.close());
        let this = self.clone();
        listen("visibilitychange", move |_| this.drive());
        let this = self.clone();
        listen("pageshow", move |event| {
            if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
                this.come_back();
            }
        });
    }

    /// Sends what waits with requests that outlive the page, and leaves the rest to the next page.
    fn close(&self) {
        let mut inner = self.0.borrow_mut();
        if inner.gone {
            return;
        }
        let now = now();
        inner.report_on_close();
        inner.end_all_writes(now);
        let mut budget = transport::LAST_BYTES;
        let Inner { trackers, config, .. } = &mut *inner;
        for tracker in trackers {
            tracker
                .last_requests(&mut budget, now)
                .iter()
                .for_each(|request| transport::post_on_close(config, request));
        }
        inner.gone = true;
    }

    /// The page comes from the back/forward cache. Another tab may have taken over its sessions, so it begins a new one.
    fn come_back(&self) {
        let mut inner = self.0.borrow_mut();
        if inner.ended {
            return;
        }
        inner.trackers = vec![new_session()];
        let pace = inner.pace;
        inner.trackers[0].set_pace(pace, now());
        inner.gone = false;
        drop(inner);
        self.adopt();
    }
}

impl Inner {
    pub(super) fn report_on_close(&self) {
        for tracker in self.trackers.iter().filter(|tracker| !tracker.ledger.is_reported()) {
            transport::report_on_close(&self.config, tracker.session(), &tracker.ledger.report());
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
