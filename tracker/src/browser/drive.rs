//! Drives the trackers: sends, reports, notifies the listener, and sleeps until the next step is due.

use domain::{SessionId, Timestamp};
use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;

use super::{Inner, Tracking, now, transport};
use crate::clock_offset::RoundTrip;
use crate::tracker::{Answer, Request, Tracker};
use crate::tracker_event::Status;

impl Tracking {
    /// Does everything that is due now.
    pub(super) fn drive(&self) {
        let now = now();
        let mut inner = self.0.borrow_mut();
        inner.wake = None;
        // Browsers fire events and timers even after `pagehide`. A renewed lease would delay the next page.
        if inner.gone {
            return;
        }
        let (mut requests, mut reports, mut wake_at) = (Vec::new(), Vec::new(), None);
        let Inner { trackers, events, .. } = &mut *inner;
        for tracker in trackers {
            while let Some((request, sent)) = tracker.next_request(now) {
                requests.push(request);
                events.extend(sent);
            }
            if let Some((version, report)) = tracker.ledger.due(now) {
                reports.push((tracker.session(), version, report));
            }
            wake_at = [wake_at, tracker.wake_at()].into_iter().flatten().min();
        }
        let config = inner.config.clone();
        drop(inner);
        requests.into_iter().for_each(|request| self.send(request));
        for (session, version, report) in reports {
            let (this, config) = (self.clone(), config.clone());
            spawn_local(async move {
                let received = transport::report(&config, session, &report).await;
                this.with(session, |tracker| tracker.ledger.report_ended(version, received, super::now()));
                this.drive();
            });
        }
        if let Some(at) = wake_at {
            self.wake_at(at);
        }
        self.write();
        self.notify();
    }

    /// Schedules [`Tracking::drive`] for `at`, unless it is due earlier.
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
        let config = self.0.borrow().config.clone();
        spawn_local(async move {
            let sent = now();
            let answer: Answer = transport::post(&config, &request, || this.0.borrow().ended).await;
            let back = now();
            if let Answer::Reply(reply) = &answer
                && let (Some(received), Some(answered)) = (reply.received_us, reply.answered_us)
            {
                let [received, answered] = [received, answered].map(Timestamp::from_micros);
                this.0.borrow_mut().clock.observe(RoundTrip { sent, received, answered, back });
            }
            let events =
                this.with(request.session, |tracker| tracker.answered(&request, answer, js_sys::Math::random(), back));
            this.0.borrow_mut().events.extend(events.into_iter().flatten());
            this.drive();
        });
    }

    /// Passes new events and the status to the listener.
    pub(super) fn notify(&self) {
        let mut inner = self.0.borrow_mut();
        let events = std::mem::take(&mut inner.events);
        let (status, listener) = (inner.status(now()), inner.listener.clone());
        drop(inner);
        listener(events, status);
    }

    fn with<T>(&self, session: SessionId, change: impl FnOnce(&mut Tracker) -> T) -> Option<T> {
        let mut inner = self.0.borrow_mut();
        inner.trackers.iter_mut().find(|tracker| tracker.session() == session).map(change)
    }
}

impl Inner {
    pub(super) fn status(&self, now: Timestamp) -> Status {
        let mut status = self.trackers[0].status();
        for other in self.trackers[1..].iter().map(Tracker::status) {
            for (sum, route) in status.routes.iter_mut().zip(other.routes) {
                sum.waiting += route.waiting;
                sum.trouble = sum.trouble.take().or(route.trouble);
            }
        }
        Status { unsaved: self.store.unsaved.clone(), clock: self.clock.estimate(now), ..status }
    }
}
