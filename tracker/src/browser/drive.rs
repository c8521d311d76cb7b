//! What makes the trackers move: save, send, report, tell, and sleep until something is due.

use domain::{SessionId, Timestamp};
use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;

use super::{Inner, Tracking, now, transport};
use crate::storage;
use crate::tracker::{Answer, Request, Tracker};

/// How long an event waits for others to travel with, in milliseconds.
pub(super) const COALESCE_MS: i64 = 15;

impl Tracking {
    /// Does all that is due now.
    pub(super) fn drive(&self) {
        let now = now();
        let mut inner = self.0.borrow_mut();
        inner.wake = None;
        // Browsers still fire events and timers after `pagehide`; renewing the lease then would keep the next page waiting.
        if inner.gone {
            return;
        }
        // Saved before sent: what is on its way when the tab dies is sent again by the next one.
        inner.save(super::life::lease_ms(), now);
        let (mut requests, mut reports, mut wake_at) = (Vec::new(), Vec::new(), None);
        let Inner { trackers, events, .. } = &mut *inner;
        for tracker in trackers {
            while let Some((request, told)) = tracker.next_request(now) {
                requests.push(request);
                events.extend(told);
            }
            if let Some((version, report)) = tracker.books.due(now) {
                reports.push((tracker.session(), version, report));
            }
            wake_at = [wake_at, tracker.wake_at()].into_iter().flatten().min();
        }
        drop(inner);
        requests.into_iter().for_each(|request| self.send(request));
        for (session, version, report) in reports {
            let this = self.clone();
            spawn_local(async move {
                let heard = transport::report(session, &report).await;
                this.with(session, |tracker| tracker.books.told(version, heard, super::now()));
                this.drive();
            });
        }
        if let Some(at) = wake_at {
            self.wake_at(at);
        }
        self.tell();
    }

    /// Makes [`Tracking::drive`] run then, or earlier if it was to.
    pub(super) fn wake_at(&self, at: Timestamp) {
        let mut inner = self.0.borrow_mut();
        if inner.wake.as_ref().is_some_and(|(earlier, _)| *earlier <= at) {
            return;
        }
        let millis = (at.millis() - now().millis()).clamp(0, 60_000) as u32;
        let this = self.clone();
        inner.wake = Some((at, Timeout::new(millis, move || this.drive())));
    }

    fn send(&self, request: Request) {
        let this = self.clone();
        spawn_local(async move {
            let answer: Answer = transport::post(&request).await;
            let events =
                this.with(request.session, |tracker| tracker.answered(&request, answer, js_sys::Math::random(), now()));
            this.0.borrow_mut().events.extend(events.into_iter().flatten());
            this.drive();
        });
    }

    /// Tells the listener what is new.
    pub(super) fn tell(&self) {
        let mut inner = self.0.borrow_mut();
        let events = std::mem::take(&mut inner.events);
        let mut status = inner.trackers[0].status();
        for other in inner.trackers[1..].iter().map(Tracker::status) {
            for (sum, route) in status.routes.iter_mut().zip(other.routes) {
                sum.waiting += route.waiting;
                sum.trouble = sum.trouble.take().or(route.trouble);
            }
        }
        let listener = inner.listener.clone();
        drop(inner);
        listener(events, status);
    }

    fn with<T>(&self, session: SessionId, change: impl FnOnce(&mut Tracker) -> T) -> Option<T> {
        let mut inner = self.0.borrow_mut();
        inner.trackers.iter_mut().find(|tracker| tracker.session() == session).map(change)
    }
}

impl Inner {
    /// Saves all sessions; lets go of those taken over that have nothing left.
    pub(super) fn save(&mut self, lease_ms: i64, now: Timestamp) {
        let Self { trackers, storage, .. } = self;
        for tracker in trackers.iter_mut() {
            storage::save(tracker, &**storage, lease_ms, now);
        }
        let mut index = 0;
        trackers.retain(|tracker| {
            let keep = index == 0 || !tracker.is_done();
            index += 1;
            if !keep {
                storage::clear(tracker.session(), &**storage);
            }
            keep
        });
    }
}
