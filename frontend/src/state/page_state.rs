//! The shared state of the page, merged from the tracker's events and the live stream.

use std::sync::Arc;

use domain::api::{LiveMessage, Part, Partition, Processed, RouteStats, SessionView, Snapshot, Stats, Topology};
use domain::rules::Alert;
use domain::{ByRoute, Event, EventType, Kind, SessionId, Timestamp};
use tracker::{Status, TrackerEvent, json};

use super::event_log::EventLog;
use super::event_row::behind_backend_ms;
use super::findings::Findings;
use super::live_feed::{Feed, FeedChange};
use super::samples::Samples;

/// The shared state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The session of this page; events of other sessions come from closed tabs.
    pub own: Option<SessionId>,
    /// The events, with their deliveries.
    pub log: EventLog,
    /// The counts of all routes, once they are known.
    pub stats: Option<Stats>,
    /// The first counts that this page got.
    pub(super) first_stats: Option<ByRoute<RouteStats>>,
    /// The number of events in flight on each route by the ledger, and since when it is that number.
    pub(super) in_flight: [(u64, Timestamp); 3],
    /// The samples of the last five minutes.
    pub samples: Samples,
    /// The partitions of Kafka.
    pub partitions: Arc<Vec<Partition>>,
    /// The events that the stream has shown, for each route.
    pub moved: [Moved; 3],
    /// The parts behind the page.
    pub topology: Topology,
    /// The parts as requested while the stream is silent; empty if it is live or if there is no answer.
    pub asked_parts: Vec<Part>,
    /// The findings of the rules, and their mails.
    pub findings: Findings,
    /// The freshness of the live stream.
    pub feed: Feed,
    /// The status of sending.
    pub sending: Status,
    /// The number of events of each kind that this page emitted.
    pub emitted: [u64; Kind::ALL.len()],
    /// The number of their copies, over all routes.
    pub copies: u64,
}

/// The processed events of one route that the live stream showed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moved {
    /// The number of events.
    pub events: u64,
    /// The time of the last one from the backend until processed, in milliseconds.
    pub took_ms: f64,
}

/// A change of the state.
#[derive(Clone, Debug)]
pub enum Input {
    /// From the live stream.
    Live(Box<LiveMessage>),
    /// About the live stream.
    Feed(FeedChange),
    /// The ledger of a session, requested because the live stream left events out.
    Ledger(Vec<SessionView>),
    /// The health of the parts, requested because the live stream is silent.
    Parts(Vec<Part>),
    /// From the tracker.
    Tracker(Vec<TrackerEvent>, Box<Status>),
}

impl State {
    /// Applies one change.
    pub fn apply(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Live(message) => {
                self.feed.received(now);
                self.asked_parts.clear();
                self.live(*message, now);
            }
            Input::Feed(change) => self.feed.change(change, now),
            // The stream may be live again by now.
            Input::Parts(parts) if self.feed.name(now) != "live" => self.asked_parts = parts,
            Input::Parts(_) => {}
            Input::Ledger(ledgers) => self.log.settle(&ledgers),
            Input::Tracker(events, status) => {
                events.into_iter().for_each(|event| self.tracker_event(event));
                self.sending = *status;
            }
        }
    }

    fn live(&mut self, message: LiveMessage, now: Timestamp) {
        match message {
            LiveMessage::Snapshot(snapshot) => self.begin(*snapshot, now),
            LiveMessage::Stats(stats) => self.count(stats, now),
            LiveMessage::Events(events) => events.iter().for_each(|event| self.processed(event)),
            LiveMessage::Sample(sample) => self.samples.take(sample, now),
            LiveMessage::Partitions(partitions) => self.partitions = Arc::new(partitions),
            LiveMessage::Alert(alert) => self.found(alert),
            LiveMessage::Mail(mail) => self.findings.mail(mail.status),
            LiveMessage::Topology(topology) => self.topology = topology,
            // A snapshot follows; until then the state is a little old.
            LiveMessage::Resync => {}
        }
    }

    fn processed(&mut self, event: &Processed) {
        let moved = &mut self.moved[event.route as usize];
        moved.events += 1;
        moved.took_ms = behind_backend_ms(&event.hops);
        self.log.processed(event);
    }

    fn found(&mut self, alert: Alert) {
        let is_mine = self.log.is_mine(alert.event);
        self.findings.alert(alert, is_mine);
    }

    fn begin(&mut self, snapshot: Snapshot, now: Timestamp) {
        self.samples.begin(snapshot.pulses, now);
        self.partitions = Arc::new(snapshot.partitions);
        self.count(snapshot.stats, now);
        self.topology = snapshot.topology;
        snapshot.events.iter().for_each(|event| self.log.processed(event));
        snapshot.alerts.into_iter().for_each(|alert| self.found(alert));
        snapshot.mails.into_iter().for_each(|mail| self.findings.mail(mail.status));
    }

    fn count(&mut self, stats: Stats, now: Timestamp) {
        for (route, numbers) in stats.routes.iter() {
            let known = &mut self.in_flight[route as usize];
            if known.0 != numbers.balance.in_flight {
                *known = (numbers.balance.in_flight, now);
            }
        }
        self.first_stats.get_or_insert(stats.routes);
        self.stats = Some(stats);
    }

    fn tracker_event(&mut self, event: TrackerEvent) {
        match event {
            TrackerEvent::Emitted { json, routes } => {
                let Ok(event) = json::read::<Event>(&json).map(Arc::new) else { return };
                if event.source.session() == self.own {
                    if let EventType::Known(kind) = event.kind {
                        self.emitted[kind as usize] += 1;
                    }
                    self.copies += routes.len() as u64;
                }
                self.log.emitted(&event, &routes);
            }
            TrackerEvent::Delivery { id, route, status, at } => self.log.delivery(id, route, status, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::RouteChoice;
    use tracker::{Limit, Tracker};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn counts_own_events_and_not_adopted_ones() {
        let (own, gone) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let mut state = State { own: Some(own), ..State::default() };
        for (session, id) in [(own, 10), (gone, 11)] {
            let mut tracker = Tracker::new(session, Limit::of_bytes(1000));
            let data = serde_json::json!({});
            let now = Timestamp::default();
            let events = tracker.emit(Kind::KeyPress, data, RouteChoice::All, Uuid::from_u128(id), now);
            state.apply(Input::Tracker(events, Box::new(tracker.status())), now);
        }
        assert_eq!((state.emitted[Kind::KeyPress as usize], state.copies), (1, 3));
        assert_eq!(state.log.newest(true, 9).len(), 2, "its row is there all the same");
        assert_eq!(state.sending.waiting(RouteChoice::All), 1);
    }

    #[test]
    fn a_snapshot_makes_the_page_live() {
        let mut state = State::default();
        state.apply(Input::Feed(FeedChange::Opened), Timestamp::default());
        assert_eq!(state.feed.name(Timestamp::default()), "connecting");
        state.apply(Input::Live(Box::new(LiveMessage::Snapshot(Box::default()))), Timestamp::default());
        assert_eq!((state.feed.name(Timestamp::default()), state.stats.is_some()), ("live", true));
        assert_eq!(state.trouble_lines(Timestamp::default()), []);
    }
}
