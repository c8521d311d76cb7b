//! A sender: one request at a time over one route, and how long to wait after a refusal.

use domain::Timestamp;
use domain::api::MAX_BATCH_EVENTS;

/// The first wait after a refusal, in milliseconds.
const FIRST_MS: i64 = 500;
/// The longest backoff, in milliseconds.
const LONGEST_MS: i64 = 15_000;

/// The state of one sender.
#[derive(Clone, Debug)]
pub struct Sender {
    busy: bool,
    refusals: u32,
    not_before: Timestamp,
    most_events: usize,
    /// The most events of any request.
    limit: usize,
}

impl Default for Sender {
    fn default() -> Self {
        let most_events = MAX_BATCH_EVENTS;
        Self { busy: false, refusals: 0, not_before: Timestamp::MIN, most_events, limit: most_events }
    }
}

impl Sender {
    /// Whether a request may be sent now.
    pub fn is_free(&self, now: Timestamp) -> bool {
        !self.busy && now >= self.not_before
    }

    /// When a request may be sent, unless one is in flight.
    pub fn free_at(&self) -> Option<Timestamp> {
        (!self.busy).then_some(self.not_before)
    }

    /// The most events that a request may carry.
    pub fn most_events(&self) -> usize {
        self.most_events
    }

    /// From now on no request carries more events.
    pub fn limit(&mut self, events: usize) {
        (self.most_events, self.limit) = (events, events);
    }

    /// A request was sent.
    pub fn sent(&mut self) {
        self.busy = true;
    }

    /// The request ended, with or without an answer.
    pub fn answered(&mut self) {
        self.busy = false;
    }

    /// The request succeeded; the next one does not wait.
    pub fn fine(&mut self) {
        self.refusals = 0;
        self.not_before = Timestamp::MIN;
    }

    /// Waits `after_ms`, but at least an exponential backoff; `jitter` (0 to 1) spreads the retries of many clients.
    pub fn refused(&mut self, after_ms: u64, jitter: f64, now: Timestamp) -> Timestamp {
        let longest = FIRST_MS.saturating_mul(1 << self.refusals.min(10)).min(LONGEST_MS);
        self.refusals += 1;
        let floor = longest / 2 + (longest as f64 / 2.0 * jitter) as i64;
        let wait = floor.max(i64::try_from(after_ms).unwrap_or(LONGEST_MS));
        self.not_before = self.not_before.max(now.plus_millis(wait));
        self.not_before
    }

    /// The batch was too large; the next one has half as many events.
    pub fn too_large(&mut self, events: usize) {
        self.most_events = (events / 2).max(1);
    }

    /// The batch was not too large.
    pub fn size_was_fine(&mut self) {
        self.most_events = self.limit;
    }

    /// Ends the wait.
    pub fn flush_now(&mut self) {
        self.not_before = Timestamp::MIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_are_never_shorter_than_asked() {
        let (mut sender, now) = (Sender::default(), Timestamp::from_millis(0));
        let mut wait = |after_ms, jitter| {
            let at = sender.refused(after_ms, jitter, now).millis();
            sender.flush_now();
            at
        };
        let waits: Vec<i64> = (0..8).map(|_| wait(0, 1.0)).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
        assert_eq!(wait(60_000, 0.5), 60_000);
        assert_eq!(wait(0, 0.0), 7_500);
        sender.fine();
        assert_eq!(sender.refused(0, 1.0, now).millis(), 500);
    }

    #[test]
    fn a_large_batch_is_halved_until_it_fits() {
        let mut sender = Sender::default();
        sender.too_large(9);
        assert_eq!(sender.most_events(), 4);
        sender.too_large(1);
        assert_eq!(sender.most_events(), 1);
        sender.size_was_fine();
        assert_eq!(sender.most_events(), MAX_BATCH_EVENTS);
        sender.limit(3);
        assert_eq!(sender.most_events(), 3);
        sender.too_large(3);
        sender.size_was_fine();
        assert_eq!(sender.most_events(), 3, "the limit stays");
    }
}
