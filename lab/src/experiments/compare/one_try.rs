//! A sender that never tries again: an event that is refused or gets no answer is given up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::api::{Outcome, SessionReport, Wait};
use domain::ledger::Report;
use domain::{Event, Intervals, Route, RouteChoice, SessionId};
use tracker::Answer;
use uuid::Uuid;

use super::recorder::Recorder;
use crate::experiments::simulate::client::reason;
use crate::experiments::simulate::clock::Clock;
use crate::experiments::simulate::observer::Observer;
use crate::experiments::wire::Wire;

/// How long a report may take.
const REPORT_WITHIN: Duration = Duration::from_secs(60);
/// The time between two tries to report.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A session with its connections.
pub(super) struct OneTry {
    pub(super) session: SessionId,
    route: Route,
    wire: Wire,
    clock: Clock,
    report: Mutex<Report>,
}

impl OneTry {
    pub(super) fn new(wire: Wire, route: Route, clock: Clock) -> Self {
        Self { session: SessionId(Uuid::now_v7()), route, wire, clock, report: Mutex::default() }
    }

    pub(super) async fn send(&self, event: &Event, online: &AtomicBool, recorder: &Recorder) {
        let number = event.sequence.unwrap_or_default();
        self.lock().emitted.insert(number);
        let answer = match (online.load(Ordering::Relaxed), serde_json::to_vec(&[event])) {
            (true, Ok(body)) => self.wire.post(RouteChoice::One(self.route), body).await,
            _ => Answer::Unreachable("the sender is offline".to_owned()),
        };
        let now = self.clock.now();
        let outcome = match &answer {
            Answer::Reply(reply) => reply.results.first().and_then(|result| result.routes.get(self.route)),
            _ => None,
        };
        match outcome {
            Some(Outcome::Accepted | Outcome::Duplicate) => {
                self.lock().accepted.insert(number);
                recorder.accepted(self.route, Wait::between(event.time, event.time, now), now);
            }
            _ => recorder.refused(self.route, &reason(&answer), 1, now),
        }
    }

    /// How many events were given up.
    pub(super) fn given_up(&self) -> u64 {
        let report = self.lock();
        report.emitted.minus(&report.accepted).len()
    }

    /// Reports to the ledger, again until the consumer has it or [`REPORT_WITHIN`] is over: the ledger lacks these events then.
    pub(super) async fn report(&self) {
        let report = self.lock().clone();
        let report = SessionReport { routes: [(self.route, report)].into(), ..SessionReport::default() };
        let deadline = Instant::now() + REPORT_WITHIN;
        while !self.wire.report(self.session, &report).await && Instant::now() < deadline {
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Reports those that were given up as dropped, but not those that were processed nevertheless.
    pub(super) async fn drop_given_up(&self, seen: &Intervals) {
        {
            let mut report = self.lock();
            report.shed = report.emitted.minus(&report.accepted).minus(seen);
        }
        self.report().await;
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
