//! The freshness of the live stream.

use domain::Timestamp;

/// A stream without a message for so long counts as interrupted, in milliseconds: a sample comes each second.
const SILENCE_MS: f64 = 5_000.0;

/// The live stream, as the page sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    open: bool,
    last_message: Option<Timestamp>,
}

/// A change of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedChange {
    /// It is connected.
    Opened,
    /// It is not connected; it reconnects by itself.
    Broken,
}

impl Feed {
    /// A message was received.
    pub fn received(&mut self, now: Timestamp) {
        self.open = true;
        self.last_message = Some(now);
    }

    /// The stream opened or broke.
    pub fn change(&mut self, change: FeedChange, now: Timestamp) {
        self.open = change == FeedChange::Opened;
        if self.open {
            self.last_message = self.last_message.map(|_| now);
        }
    }

    /// The age of the shown data in whole seconds, if it is old.
    pub fn age_if_old(&self, now: Timestamp) -> Option<u64> {
        let silence = now.millis_since(self.last_message?);
        (!self.open || silence > SILENCE_MS).then(|| (silence / 1000.0).max(0.0) as u64)
    }

    /// `live`, `old` or `connecting` (no message yet).
    pub fn name(&self, now: Timestamp) -> &'static str {
        match (self.last_message, self.age_if_old(now)) {
            (None, _) => "connecting",
            (Some(_), Some(_)) => "old",
            (Some(_), None) => "live",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_age_of_old_data() {
        let (at, mut feed) = (Timestamp::from_millis, Feed::default());
        assert_eq!(feed.name(at(0)), "connecting");
        feed.change(FeedChange::Opened, at(0));
        assert_eq!(feed.name(at(0)), "connecting", "connected, but no message yet");
        feed.received(at(1000));
        assert_eq!((feed.name(at(2000)), feed.age_if_old(at(2000))), ("live", None));
        feed.change(FeedChange::Broken, at(3000));
        assert_eq!((feed.name(at(8500)), feed.age_if_old(at(8500))), ("old", Some(7)));
        feed.received(at(9000));
        assert_eq!(feed.name(at(9000)), "live");
        assert_eq!(feed.age_if_old(at(30_000)), Some(21), "open, but silent");
    }
}
