//! Records the moments of every event of a run: due, accepted, processed; and all refusals.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::api::Wait;
use domain::{Route, SessionId, Timestamp};

use crate::experiments::simulate::client::Observer;

/// Moments are in microseconds since the epoch.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// When each event was due, by session, in the order of their numbers.
    pub(super) due: HashMap<SessionId, Vec<i64>>,
    /// When each accepted event was due, and when it was accepted.
    pub(super) accepted: Vec<(i64, i64)>,
    /// The waits of the same events.
    pub(super) waits: Vec<Wait>,
    /// When so many events were refused, and why.
    pub(super) refused: Vec<(i64, String, u64)>,
    /// When each event was processed first, by session and number.
    pub(super) processed: HashMap<(SessionId, u64), i64>,
    /// The times of sampled events on the route and in the step, in microseconds.
    pub(super) on_route: Vec<u64>,
    pub(super) in_step: Vec<u64>,
    /// Events that the stream of processed events left out.
    pub(super) missed: u64,
}

/// A record with several writers.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Record>);

impl Recorder {
    /// The record.
    pub(super) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters an event that is due; its number is the next of its session.
    pub(super) fn due(&self, session: SessionId, at: Timestamp) {
        self.lock().due.entry(session).or_default().push(at.micros());
    }

    /// Gives each event of these sessions a time, since the ledger shows that all are processed: a consumer that was killed
    /// had committed them and not shown them yet. The time is that of the next event of the session that was shown.
    pub(super) fn complete(&self, sessions: &[SessionId], end: i64) {
        let Record { due, processed, .. } = &mut *self.lock();
        for session in sessions {
            let mut next = end;
            for number in (1..=due.get(session).map_or(0, Vec::len) as u64).rev() {
                next = *processed.entry((*session, number)).or_insert(next);
            }
        }
    }

    /// How many events of the load have been shown as processed.
    pub(super) fn processed(&self) -> u64 {
        self.lock().processed.len() as u64
    }
}

impl Observer for Recorder {
    fn accepted(&self, _: Route, wait: Wait, at: Timestamp) {
        let mut record = self.lock();
        let waited = i64::try_from(wait.queued_us + wait.accepted_us).unwrap_or(i64::MAX);
        record.accepted.push((at.micros() - waited, at.micros()));
        record.waits.push(wait);
    }

    fn refused(&self, _: Route, reason: &str, events: u64, at: Timestamp) {
        self.lock().refused.push((at.micros(), reason.to_owned(), events));
    }
}
