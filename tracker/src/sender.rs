//! A sender: one request at a time to one choice of routes, and how long to wait after a refusal.

use domain::Timestamp;
use domain::api::MAX_BATCH_EVENTS;

/// The first wait after a refusal, in milliseconds.
const FIRST_MS: i64 = 500;
/// The longest wait that this side chooses by itself, in milliseconds.
const LONGEST_MS: i64 = 15_000;

/// The state of one sender.
#[derive(Clone, Debug)]
pub struct Sender {
    busy: bool,
    refusals: u32,
    not_before: Timestamp,
    most_events: usize,
}

impl Default for Sender {
    fn default() -> Self {
        Self { busy: false, refusals: 0, not_before: Timestamp::MIN, most_events: MAX_BATCH_EVENTS }
    }
}

impl Sender {
    /// Whether a request may go now.
    pub fn is_free(&self, now: Timestamp) -> bool {
        !self.busy && now >= self.not_before
    }

    /// When a request may go, unless one is on its way.
    pub fn free_at(&self) -> Option<Timestamp> {
        (!self.busy).then_some(self.not_before)
    }

    /// The most events that a request may carry.
    pub fn most_events(&self) -> usize {
        self.most_events
    }

    /// A request went.
    pub fn sent(&mut self) {
        self.busy = true;
    }

    /// Its answer came, or none will.
    pub fn answered(&mut self) {
        self.busy = false;
    }

    /// All went well: the next request need not wait.
    pub fn fine(&mut self) {
        self.refusals = 0;
        self.not_before = Timestamp::MIN;
    }

    /// Waits `after_ms`, but at least an exponential backoff; `jitter` (0 to 1) keeps clients from coming all at once.
    pub fn refused(&mut self, after_ms: u64, jitter: f64, now: Timestamp) -> Timestamp {
        let longest = FIRST_MS.saturating_mul(1 << self.refusals.min(10)).min(LONGEST_MS);
        self.refusals += 1;
        let floor = longest / 2 + (longest as f64 / 2.0 * jitter) as i64;
        let wait = floor.max(i64::try_from(after_ms).unwrap_or(LONGEST_MS));
        self.not_before = self.not_before.max(now.plus_millis(wait));
        self.not_before
    }

    /// The batch was too large: smaller ones from now on, at once.
    pub fn too_large(&mut self, events: usize) {
        self.most_events = (events / 2).max(1);
    }

    /// A batch of any size went through.
    pub fn size_was_fine(&mut self) {
        self.most_events = MAX_BATCH_EVENTS;
    }

    /// Somebody does not want to wait.
    pub fn flush_now(&mut self) {
        self.not_before = Timestamp::MIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_never_undercut_what_was_asked() {
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
    fn a_large_batch_is_halved_until_it_goes() {
        let mut sender = Sender::default();
        sender.too_large(9);
        assert_eq!(sender.most_events(), 4);
        sender.too_large(1);
        assert_eq!(sender.most_events(), 1);
        sender.size_was_fine();
        assert_eq!(sender.most_events(), MAX_BATCH_EVENTS);
    }
}
