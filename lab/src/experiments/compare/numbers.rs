//! From the record of a run to its numbers. Pure.

use std::collections::{BTreeMap, HashMap};

use verdict::results::Hop;

use super::recorder::{HOPS, Record};
use crate::experiments::durations::Durations;

/// A sender that waits longer than this for `accepted` finds the route unavailable, in microseconds.
const PATIENCE: i64 = 1_000_000;
/// A second, in microseconds.
pub(super) const SECOND: i64 = 1_000_000;

/// The moments of one event, in microseconds since the load's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub(super) due: i64,
    pub(super) processed: Option<i64>,
    /// Whether `processed` is a guess.
    pub(super) is_guess: bool,
}

/// The numbers of a run whose load began at `began` and lasted `seconds`.
pub(super) struct Numbers {
    pub(super) began: i64,
    pub(super) seconds: f64,
    /// Ascending by due.
    pub(super) events: Vec<Moments>,
    /// Due and accepted, ascending by due.
    pub(super) accepted: Vec<(i64, i64)>,
    pub(super) record: Record,
}

impl Numbers {
    pub(super) fn new(mut record: Record, began: i64, seconds: f64) -> Self {
        let processed: &HashMap<_, i64> = &record.processed;
        let mut events = Vec::new();
        for (session, dues) in &record.due {
            for (due, number) in dues.iter().zip(1u64..) {
                let event = (*session, number);
                let processed = processed.get(&event).map(|at| at - began);
                events.push(Moments { due: due - began, processed, is_guess: record.guessed.contains(&event) });
            }
        }
        events.sort_by_key(|event| event.due);
        let mut accepted: Vec<_> = record.accepted.drain(..).map(|(due, at)| (due - began, at - began)).collect();
        accepted.sort_unstable();
        Self { began, seconds, events, accepted, record }
    }

    /// From due until accepted.
    pub(super) fn until_accepted(&self) -> anyhow::Result<Durations> {
        Durations::new(self.accepted.iter().map(|(due, at)| micros(at - due)))
    }

    /// From due until processed.
    pub(super) fn until_processed(&self) -> anyhow::Result<Durations> {
        Durations::new(self.events.iter().filter_map(|event| Some(micros(event.processed? - event.due))))
    }

    /// The spans in which the last event that was due had to wait for more than [`PATIENCE`].
    pub(super) fn unavailable_spans(&self) -> Vec<(i64, i64)> {
        let end = (self.seconds * SECOND as f64) as i64;
        let mut dues: Vec<(i64, bool)> = self.events.iter().map(|event| (event.due, false)).collect();
        // The same moments in both lists: an event that was accepted in time.
        let mut in_time = self.accepted.iter().filter(|(due, at)| at - due <= PATIENCE).map(|(due, _)| *due).peekable();
        for (due, good) in &mut dues {
            while in_time.next_if(|other| other < due).is_some() {}
            *good = in_time.next_if(|other| other == due).is_some();
        }
        let nexts = dues.iter().skip(1).map(|(due, _)| *due).chain([end]);
        let spans = dues.iter().zip(nexts).filter(|((_, good), _)| !good);
        spans.map(|((due, _), next)| (*due, next.max(*due))).collect()
    }

    /// The share of the load's time in which senders were not accepted, in percent.
    pub(super) fn unavailable(&self) -> f64 {
        let spans = self.unavailable_spans();
        let sum: i64 = spans.iter().map(|(from, to)| to - from).sum();
        100.0 * sum as f64 / (self.seconds * SECOND as f64)
    }

    /// The most events that were due and not processed. Those that were never processed wait from due on.
    pub(super) fn most_waiting(&self) -> u64 {
        let mut changes: Vec<(i64, i64)> = self.events.iter().map(|event| (event.due, 1)).collect();
        changes.extend(self.events.iter().filter_map(|event| Some((event.processed?, -1))));
        changes.sort_unstable();
        let mut waiting = 0i64;
        let most = changes.iter().map(|(_, change)| {
            waiting += change;
            waiting
        });
        u64::try_from(most.max().unwrap_or(0)).unwrap_or(0)
    }

    /// From `end`, in seconds, until all events that were due by then had been processed, in seconds; and whether that is a
    /// guess. None if one of them never was.
    pub(super) fn recovery(&self, end: f64) -> Option<(f64, bool)> {
        let end = (end * SECOND as f64) as i64;
        let mut last = (end, true);
        for event in self.events.iter().filter(|event| event.due <= end) {
            // Events of one step have one time; one that was shown confirms it.
            last = last.max((event.processed?, !event.is_guess));
        }
        let (last, is_exact) = last;
        Some(((last - end) as f64 / SECOND as f64, !is_exact))
    }

    /// The refusals by their reasons.
    pub(super) fn refusals(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (_, reason, events) in &self.record.refused {
            *all.entry(reason.clone()).or_default() += events;
        }
        all
    }

    /// The times of the way's hops, of sampled events.
    pub(super) fn hops(&self) -> anyhow::Result<Vec<Hop>> {
        let mut hops = Vec::new();
        for (name, micros) in HOPS.into_iter().zip(&self.record.hops) {
            let durations = Durations::new(micros.iter().copied())?;
            if let (Some(p50_ms), Some(p99_ms)) = (durations.at(50.0), durations.at(99.0)) {
                hops.push(Hop { name: name.to_owned(), p50_ms, p99_ms });
            }
        }
        Ok(hops)
    }
}

fn micros(difference: i64) -> u64 {
    u64::try_from(difference).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use domain::SessionId;
    use uuid::Uuid;

    use super::*;

    /// One event each 100 ms for 4 s; those from 1 s to 3 s are accepted and processed at 3.5 s, the others after 5 ms.
    fn outage() -> Numbers {
        let (session, mut record) = (SessionId(Uuid::nil()), Record::default());
        for number in 1..=40u64 {
            let due = 1_000_000_000 + (number as i64 - 1) * 100_000;
            let at = if (11..=30).contains(&number) { 1_003_500_000 } else { due + 5_000 };
            record.due.entry(session).or_default().push(due);
            record.accepted.push((due, at));
            record.processed.insert((session, number), at + 1000);
        }
        record.refused.push((1_002_000_000, "503".to_owned(), 2));
        Numbers::new(record, 1_000_000_000, 4.0)
    }

    #[test]
    fn an_outage_is_seen_in_every_number() {
        let numbers = outage();
        assert_eq!(numbers.events.len(), 40);
        // Due at 1.0 to 2.4 s: accepted more than a second later. Those due at 2.5 s and later waited for a second at most.
        assert!((numbers.unavailable() - 37.5).abs() < 0.01, "{}", numbers.unavailable());
        assert_eq!(numbers.most_waiting(), 21, "20 of 1.0 to 2.9 s, and the one that is due as they are processed");
        assert!((numbers.recovery(3.0).unwrap().0 - 0.501).abs() < 1e-9);
        assert_eq!(numbers.recovery(4.0), Some((0.0, false)));
        let timeline = numbers.timeline();
        assert_eq!(timeline.iter().map(|second| second.processed).collect::<Vec<_>>()[..4], [10, 0, 0, 30]);
        assert_eq!((timeline[1].waiting, timeline[2].waiting, timeline[2].refused), (10, 20, 2));
        assert!((timeline[1].unavailable - 1.0).abs() < 1e-9 && (timeline[2].unavailable - 0.5).abs() < 1e-9);
        let accepted = numbers.until_accepted().unwrap();
        for (percent, expected) in [(50.0, 5.0), (99.0, 2500.0)] {
            assert!((accepted.at(percent).unwrap() / expected - 1.0).abs() < 0.002, "{accepted:?}");
        }
    }

    #[test]
    fn a_route_with_a_missing_event_has_no_time_of_recovery_and_a_guess_is_called_one() {
        let mut lossy = outage();
        lossy.events[15].processed = None;
        assert_eq!((lossy.recovery(3.0), lossy.recovery(0.95)), (None, Some((0.0, false))));
        let mut guessed = outage();
        guessed.events[29].is_guess = true;
        assert!(!guessed.recovery(3.0).unwrap().1, "others were shown at the same moment");
        guessed.events[29].processed = Some(3_600_000);
        assert!(guessed.recovery(3.0).unwrap().1, "the last of those that waited");
        assert!(!guessed.recovery(3.65).unwrap().1, "another one is the last");
    }
}
