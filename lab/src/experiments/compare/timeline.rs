//! The numbers of a run, second by second. Pure.

use verdict::results::Second;

use super::numbers::{Numbers, SECOND};

/// A run never takes longer: load and drain are bounded.
const MOST_SECONDS: usize = 3600;

impl Numbers {
    pub(super) fn timeline(&self) -> Vec<Second> {
        let place = |at: i64| (at.max(0) / SECOND) as usize;
        let last = self.events.iter().filter_map(|event| event.processed).max().unwrap_or(0);
        let length = (place(last) + 1).max(self.seconds.ceil() as usize).min(MOST_SECONDS);
        let mut seconds = vec![Second::default(); length];
        for event in &self.events {
            seconds.get_mut(place(event.due)).into_iter().for_each(|second| second.due += 1);
            let processed = event.processed.and_then(|at| seconds.get_mut(place(at)));
            processed.into_iter().for_each(|second| second.processed += 1);
        }
        for (_, at) in &self.accepted {
            seconds.get_mut(place(*at)).into_iter().for_each(|second| second.accepted += 1);
        }
        for (at, _, events) in &self.record.refused {
            seconds.get_mut(place(at - self.began)).into_iter().for_each(|second| second.refused += events);
        }
        let mut waiting = 0i64;
        for second in &mut seconds {
            waiting += second.due as i64 - second.processed as i64;
            second.waiting = u64::try_from(waiting).unwrap_or(0);
        }
        for (from, to) in self.unavailable_spans() {
            for at in place(from)..=place(to) {
                let (begin, end) = (at as i64 * SECOND, (at as i64 + 1) * SECOND);
                let share = (to.min(end) - from.max(begin)).max(0) as f64 / SECOND as f64;
                seconds
                    .get_mut(at)
                    .into_iter()
                    .for_each(|second| second.unavailable = (second.unavailable + share).min(1.0));
            }
        }
        seconds
    }
}
