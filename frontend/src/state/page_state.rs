//! What the page knows, as plain structs: merged from the tracker's news and the live stream.

use std::collections::BTreeMap;

use domain::api::{LiveMessage, Part, Partition, Processed, SessionView, Snapshot, Stats, Topology};
use domain::{Kind, SessionId, Timestamp};
use tracker::{Status, TrackerEvent};

use super::event_log::EventLog;
use super::event_row::total_ms;
use super::findings::Findings;
use super::live_feed::{Feed, FeedChange};
use super::samples::Samples;

/// All the page knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The session of this page; others of its news were taken over from tabs that are gone.
    pub own: Option<SessionId>,
    /// The events, with their fates.
    pub log: EventLog,
    /// The numbers of all routes, once they are known.
    pub stats: Option<Stats>,
    /// How many events of each route are in flight by the books, and since when it is that many.
    pub(super) in_flight: [(u64, Timestamp); 3],
    /// The last five minutes.
    pub samples: Samples,
    /// The partitions of Kafka.
    pub partitions: Vec<Partition>,
    /// What the stream has shown moving, for each route.
    pub moved: [Moved; 3],
    /// The parts behind the page.
    pub topology: Topology,
    /// The parts as they were asked after while the stream was silent; empty if it is not, or if nobody answers.
    pub asked: Vec<Part>,
    /// What the rules found, and the mails about it.
    pub findings: Findings,
    /// How fresh all that is.
    pub feed: Feed,
    /// How sending goes.
    pub sending: Status,
    /// How many events of each kind this page emitted.
    pub emitted: BTreeMap<Kind, u64>,
}

/// What has moved along a lane, as far as the live stream showed it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moved {
    /// How many events.
    pub events: u64,
    /// How long the last of them took in all, in milliseconds.
    pub took_ms: f64,
}

/// Anything that changes the state.
#[derive(Clone, Debug)]
pub enum Input {
    /// From the live stream.
    Live(Box<LiveMessage>),
    /// About the live stream.
    Feed(FeedChange),
    /// What the books say of a session, asked because the live stream left something out.
    Books(Vec<SessionView>),
    /// How the parts are, asked because the live stream is silent.
    Parts(Vec<Part>),
    /// From the tracker.
    Tracker(Vec<TrackerEvent>, Box<Status>),
}

impl State {
    /// Takes in one change.
    pub fn take(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Live(message) => {
                self.feed.heard(now);
                self.asked.clear();
                self.live(*message, now);
            }
            Input::Feed(change) => self.feed.change(change, now),
            // The stream may have come back while the answer was under way.
            Input::Parts(parts) if self.feed.name(now) != "live" => self.asked = parts,
            Input::Parts(_) => {}
            Input::Books(accounts) => self.log.settle(&accounts),
            Input::Tracker(news, status) => {
                news.into_iter().for_each(|news| self.news(news));
                self.sending = *status;
            }
        }
    }

    fn live(&mut self, message: LiveMessage, now: Timestamp) {
        match message {
            LiveMessage::Snapshot(snapshot) => self.begin(*snapshot, now),
            LiveMessage::Stats(stats) => self.count(stats, now),
            LiveMessage::Events(events) => events.iter().for_each(|event| self.processed(event)),
            LiveMessage::Sample(pulse) => self.samples.take(pulse, now),
            LiveMessage::Partitions(partitions) => self.partitions = partitions,
            LiveMessage::Alert(alert) => {
                let is_mine = self.log.is_mine(alert.event);
                self.findings.alert(alert, is_mine);
            }
            LiveMessage::Mail(mail) => self.findings.mail(mail.status),
            LiveMessage::Topology(topology) => self.topology = topology,
            // A snapshot follows; until then what is here is merely a little old.
            LiveMessage::Resync => {}
        }
    }

    fn processed(&mut self, event: &Processed) {
        let moved = &mut self.moved[event.route as usize];
        moved.events += 1;
        moved.took_ms = total_ms(&event.hops);
        self.log.processed(event);
    }

    fn begin(&mut self, snapshot: Snapshot, now: Timestamp) {
        self.samples.begin(snapshot.pulses, now);
        self.partitions = snapshot.partitions;
        self.count(snapshot.stats, now);
        self.topology = snapshot.topology;
        snapshot.events.iter().for_each(|event| self.log.processed(event));
        snapshot.alerts.into_iter().for_each(|alert| self.findings.alert(alert, false));
        snapshot.mails.into_iter().for_each(|mail| self.findings.mail(mail.status));
    }

    fn count(&mut self, stats: Stats, now: Timestamp) {
        for (route, numbers) in stats.routes.iter() {
            let known = &mut self.in_flight[route as usize];
            if known.0 != numbers.balance.in_flight {
                *known = (numbers.balance.in_flight, now);
            }
        }
        self.stats = Some(stats);
    }

    fn news(&mut self, news: TrackerEvent) {
        match news {
            TrackerEvent::Emitted { event, routes } => {
                if event.source.session() == self.own {
                    *self.emitted.entry(event.kind).or_default() += 1;
                }
                self.log.emitted(&event, &routes);
            }
            TrackerEvent::Delivery { id, route, status: fate, at } => self.log.fate(id, route, fate, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::RouteChoice;
    use tracker::Tracker;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn counts_what_this_page_emitted_and_not_what_it_took_over() {
        let (own, gone) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let mut state = State { own: Some(own), ..State::default() };
        for (session, id) in [(own, 10), (gone, 11)] {
            let mut tracker = Tracker::new(session, 1000);
            let data = serde_json::json!({});
            let now = Timestamp::default();
            let news = tracker.emit(Kind::KeyPress, data, RouteChoice::All, Uuid::from_u128(id), now);
            state.take(Input::Tracker(news, Box::new(tracker.status())), now);
        }
        assert_eq!(state.emitted[&Kind::KeyPress], 1);
        assert_eq!(state.log.newest(true, 9).len(), 2, "its row is there all the same");
        assert_eq!(state.sending.waiting(RouteChoice::All), 1);
    }

    #[test]
    fn a_snapshot_is_all_there_is_to_begin_with() {
        let mut state = State::default();
        state.take(Input::Feed(FeedChange::Opened), Timestamp::default());
        assert_eq!(state.feed.name(Timestamp::default()), "connecting");
        state.take(Input::Live(Box::new(LiveMessage::Snapshot(Box::default()))), Timestamp::default());
        assert_eq!((state.feed.name(Timestamp::default()), state.stats.is_some()), ("live", true));
        assert_eq!(state.trouble_lines(Timestamp::default()), []);
    }
}
