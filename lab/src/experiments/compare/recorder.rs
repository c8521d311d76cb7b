//! Records the moments of every event of a run: due, accepted, processed; and all refusals.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::api::{Processed, Wait};
use domain::{Intervals, Route, SessionId, Timestamp};

use crate::experiments::simulate::observer::Observer;

/// The hops of an event's way, which together are its time from due until processed.
pub(super) const HOPS: [&str; 3] = ["to the backend", "on the route", "in the step"];

/// Moments are in microseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// When each event was due, by session, in the order of their numbers.
    pub(super) due: HashMap<SessionId, Vec<i64>>,
    /// When each accepted event was due, and when it was accepted.
    pub(super) accepted: Vec<(i64, i64)>,
    /// When so many events were refused, and why.
    pub(super) refused: Vec<(i64, String, u64)>,
    /// When each event was processed first, by session and number.
    pub(super) processed: HashMap<(SessionId, u64), i64>,
    /// The processed events that no stream has shown, so that their moment is a guess.
    pub(super) guessed: HashSet<(SessionId, u64)>,
    /// The times of sampled events in each of [`HOPS`], in microseconds.
    pub(super) hops: [Vec<u64>; 3],
    /// Events that a stream of processed events left out, because it was not read fast enough.
    pub(super) lagged: u64,
}

/// A record with several writers.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Record>);

impl Recorder {
    pub(super) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters an event that is due, and returns its number: the next of its session.
    pub(super) fn due(&self, session: SessionId, at: Timestamp) -> u64 {
        let mut record = self.lock();
        let due = record.due.entry(session).or_default();
        due.push(at.micros());
        due.len() as u64
    }

    /// Enters when an event was processed. Other sessions are the warm-up.
    pub(super) fn processed_at(&self, session: SessionId, number: u64, at: i64) {
        let mut record = self.lock();
        if record.due.contains_key(&session) {
            record.processed.entry((session, number)).or_insert(at);
        }
    }

    /// Enters the hops of a sampled event.
    pub(super) fn sampled(&self, event: &Processed) {
        let mut record = self.lock();
        let hops = event.hops;
        if let (Some(session), Some(received)) = (event.session, hops.received)
            && record.due.contains_key(&session)
        {
            let ends = [(hops.emitted, received), (received, hops.arrived), (hops.arrived, hops.processed)];
            for (all, (from, to)) in record.hops.iter_mut().zip(ends) {
                all.push(u64::try_from(to.micros() - from.micros()).unwrap_or_default());
            }
        }
    }

    /// Gives a time to each event that the ledger has and no stream has shown: a consumer that was killed had committed it and
    /// not shown it yet. It is that of the next shown event of the session, or `end`. On http-push, which accepts only what is
    /// processed, it is no later than the moment of acceptance, and no guess.
    pub(super) fn complete(&self, seen: &[(SessionId, Intervals)], end: i64, route: Route) {
        let Record { due, processed, accepted, guessed, .. } = &mut *self.lock();
        let accepted: HashMap<i64, i64> = match route {
            Route::HttpPush => accepted.iter().copied().collect(),
            Route::HttpPoll | Route::Kafka => HashMap::new(),
        };
        for (session, seen) in seen {
            let dues = due.get(session).map(Vec::as_slice).unwrap_or_default();
            let mut next = end;
            for (number, due) in
                (1..=dues.len() as u64).rev().zip(dues.iter().rev()).filter(|(number, _)| seen.contains(*number))
            {
                next = *processed.entry((*session, number)).or_insert_with(|| match accepted.get(due) {
                    Some(accepted) => next.min(*accepted),
                    None => {
                        guessed.insert((*session, number));
                        next
                    }
                });
            }
        }
    }

    /// How many events of the load have been shown as processed.
    pub(super) fn processed(&self) -> u64 {
        self.lock().processed.len() as u64
    }

    /// How many events of each session were due before a moment.
    pub(super) fn due_before(&self, moment: i64) -> Vec<(SessionId, u64)> {
        let count = |dues: &Vec<i64>| dues.partition_point(|&due| due < moment) as u64;
        self.lock().due.iter().map(|(&session, dues)| (session, count(dues))).collect()
    }
}

impl Observer for Recorder {
    fn accepted(&self, _: Route, wait: Wait, at: Timestamp) {
        let waited = i64::try_from(wait.queued_us + wait.accepted_us).unwrap_or(i64::MAX);
        self.lock().accepted.push((at.micros() - waited, at.micros()));
    }

    fn refused(&self, _: Route, reason: &str, events: u64, at: Timestamp) {
        self.lock().refused.push((at.micros(), reason.to_owned(), events));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_event_that_was_not_shown_has_the_time_of_the_next_one() {
        let (recorder, session) = (Recorder::default(), SessionId(Uuid::nil()));
        for number in 1..=5 {
            assert_eq!(recorder.due(session, Timestamp::from_micros(number)), number as u64);
        }
        recorder.processed_at(session, 3, 30);
        recorder.processed_at(session, 3, 40);
        recorder.processed_at(SessionId(Uuid::max()), 1, 9);
        recorder.complete(&[(session, "1,3-4".parse().unwrap())], 99, Route::Kafka);
        let record = recorder.lock();
        assert_eq!(record.guessed, [(session, 1), (session, 4)].into());
        let times: Vec<_> = (1..=5).map(|number| record.processed.get(&(session, number)).copied()).collect();
        assert_eq!(times, [Some(30), None, Some(30), Some(99), None], "2 and 5 are lost");
        assert_eq!(record.processed.len(), 3);
        drop(record);
        assert_eq!(recorder.due_before(3), [(session, 2)]);
    }

    #[test]
    fn http_push_processes_no_event_after_it_was_accepted() {
        let (recorder, session) = (Recorder::default(), SessionId(Uuid::nil()));
        for at in [10, 20] {
            recorder.due(session, Timestamp::from_micros(at));
        }
        let wait = Wait { queued_us: 0, accepted_us: 5 };
        recorder.accepted(Route::HttpPush, wait, Timestamp::from_micros(15));
        recorder.processed_at(session, 2, 90);
        recorder.complete(&[(session, "1-2".parse().unwrap())], 99, Route::HttpPush);
        let record = recorder.lock();
        assert_eq!((record.processed[&(session, 1)], record.guessed.len()), (15, 0));
    }
}
