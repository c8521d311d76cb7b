//! The hub of the live stream: messages with ids, sent to all listeners; the latest are kept so that a page can resume.

mod lines;
pub mod publish;
mod rates_and_limits;
mod sampler;
mod shared;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::api::{Hops, Lag, LiveMessage, MailView, Processed, Topology, Wait};
use domain::ledger::Balance;
use domain::rules::Alert;
use domain::{ByRoute, Route, SessionId, Timestamp};
use tokio::sync::broadcast;

use lines::LineHub;
use rates_and_limits::{EVENTS_A_TICK, FIRST_OF_A_SESSION, KEPT_BYTES, KEPT_MESSAGES, MOST_A_TICK, SNAPSHOT};
pub use sampler::RouteState;
use sampler::{STALE_MS, Sampler};
use shared::Shared;

use crate::store::StoreError;

/// A message as it goes over the wire, rendered once for all listeners.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Ascending within one run of the consumer.
    pub number: u64,
    /// The SSE event's name.
    pub name: &'static str,
    /// JSON.
    pub data: Arc<str>,
}

/// The sums of the ledger.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Over all sessions, for each route.
    pub routes: ByRoute<Balance>,
    /// How many events no session numbered, for each route.
    pub unnumbered: ByRoute<u64>,
    /// How many ledgers are part of the sums and are kept no more, for each route.
    pub pruned: ByRoute<u64>,
}

/// The hub between the step and the pages.
#[derive(Debug)]
pub struct Live {
    state: Mutex<State>,
    listeners: broadcast::Sender<Rendered>,
    sums: Shared<Result<Sums, Arc<StoreError>>>,
    snapshots: Shared<Result<Arc<str>, Arc<StoreError>>>,
    /// A line for every event.
    pub lines: Arc<LineHub>,
    /// The prefix of this run's message ids.
    pub run: String,
}

#[derive(Debug, Default)]
struct State {
    /// Processed since the last tick, to be shown.
    fresh: VecDeque<Processed>,
    /// How many of each session and route were processed since the last tick.
    shown: HashMap<(Option<SessionId>, Route), usize>,
    recent: VecDeque<Processed>,
    mails: VecDeque<MailView>,
    topology: Topology,
    routes: ByRoute<RouteState>,
    sampler: Sampler,
    kept: VecDeque<Rendered>,
    kept_bytes: usize,
    last_number: u64,
    stats_are_old: bool,
}

impl Live {
    /// A hub without listeners.
    pub fn new(run: String) -> Self {
        Self {
            state: Mutex::default(),
            listeners: broadcast::Sender::new(KEPT_MESSAGES),
            sums: Shared::default(),
            snapshots: Shared::default(),
            lines: Arc::default(),
            run,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and the state is only for display.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows events at the next tick: all of them, or a fair sample of many. Only events that are shown are made.
    pub fn processed<F>(&self, route: Route, events: impl Iterator<Item = (Option<SessionId>, Hops, F)>)
    where
        F: FnOnce() -> Processed,
    {
        let state = &mut *self.state();
        state.stats_are_old = true;
        for (session, hops, make) in events {
            state.sampler.add(route, hops);
            // Many clients at once must not hide the one event of a visitor.
            let share = match state.fresh.len() {
                0..EVENTS_A_TICK => usize::MAX,
                EVENTS_A_TICK..MOST_A_TICK => FIRST_OF_A_SESSION,
                _ => continue,
            };
            let of_session = state.shown.entry((session, route)).or_default();
            *of_session += 1;
            if *of_session <= share {
                state.fresh.push_back(make());
            }
        }
    }

    /// Marks the numbers as old: a report came.
    pub fn changed(&self) {
        self.state().stats_are_old = true;
    }

    /// Takes in how long events waited at their sender.
    pub fn waited(&self, waits: &ByRoute<Vec<Wait>>, now: Timestamp) {
        let mut state = self.state();
        waits.iter().for_each(|(route, waits)| state.sampler.add_waits(route, waits, now));
    }

    /// Shows alerts at once.
    pub fn alerts(&self, alerts: &[Alert]) {
        for alert in alerts {
            self.send(&LiveMessage::Alert(alert.clone()));
        }
    }

    /// Shows a mail's new state at once.
    pub fn mail(&self, mail: MailView) {
        let mut state = self.state();
        state.mails.retain(|known| known.status.id != mail.status.id);
        state.mails.push_back(mail.clone());
        let surplus = state.mails.len().saturating_sub(SNAPSHOT);
        state.mails.drain(..surplus);
        drop(state);
        self.send(&LiveMessage::Mail(mail));
    }

    /// Shows the parts, if anything about them changed.
    pub fn topology(&self, topology: Topology) {
        let changed = std::mem::replace(&mut self.state().topology, topology.clone()) != topology;
        if changed {
            self.send(&LiveMessage::Topology(topology));
        }
    }

    /// Takes in the state of a route at `asked`: how many events wait on it, and how many ever came onto it.
    pub fn route(&self, route: Route, asked: Timestamp, waiting: u64, head: i64) {
        let mut state = self.state();
        let known = state.routes.get_or_default(route);
        known.waiting = waiting;
        (known.head, known.looked_at) = (head, Some(asked));
        if waiting == 0 {
            known.drained_at = Some(asked);
        }
        state.stats_are_old = true;
    }

    /// When the route was last seen empty. http-push holds no events: all that it accepted are processed.
    pub fn drained_at(&self, route: Route) -> Timestamp {
        match route {
            Route::HttpPush => Timestamp::MAX,
            Route::HttpPoll | Route::Kafka => {
                self.state().routes.get(route).and_then(|state| state.drained_at).unwrap_or(Timestamp::MIN)
            }
        }
    }

    /// How far the consumer is behind on the route; none if its source has not looked lately.
    pub fn lag(&self, route: Route, now: Timestamp) -> Option<Lag> {
        if route == Route::HttpPush {
            return Some(Lag::default());
        }
        let state = *self.state().routes.get(route)?;
        state.looked_at.filter(|&at| now.millis_since(at) <= STALE_MS)?;
        let seconds = if state.waiting > 0 { state.not_empty_for(now) } else { 0.0 };
        Some(Lag { events: state.waiting, seconds })
    }

    /// Renders a message once and sends it to all listeners.
    fn send(&self, message: &LiveMessage) {
        let data = render(message);
        let mut state = self.state();
        state.last_number += 1;
        let rendered = Rendered { number: state.last_number, name: message.name(), data };
        state.kept_bytes += rendered.data.len();
        state.kept.push_back(rendered.clone());
        while state.kept.len() > KEPT_MESSAGES || state.kept_bytes > KEPT_BYTES {
            let Some(oldest) = state.kept.pop_front() else { break };
            state.kept_bytes -= oldest.data.len();
        }
        // Sent under the lock, so that a listener's kept messages and its new ones join without a gap.
        drop(self.listeners.send(rendered));
    }

    /// Listens from now on. Returns the messages after `last` as well, if all of them are still kept.
    pub fn listen(&self, last: Option<u64>) -> (broadcast::Receiver<Rendered>, Option<Vec<Rendered>>, u64) {
        let state = self.state();
        let missed = last.filter(|&last| {
            let first_kept = state.kept.front().map_or(state.last_number + 1, |first| first.number);
            (first_kept..=state.last_number + 1).contains(&(last + 1))
        });
        let missed = missed.map(|last| state.kept.iter().filter(|kept| kept.number > last).cloned().collect());
        (self.listeners.subscribe(), missed, state.last_number)
    }
}

/// The message's data as JSON.
fn render(message: &LiveMessage) -> Arc<str> {
    let tagged = serde_json::to_value(message).unwrap_or_default();
    tagged.get("data").map(ToString::to_string).unwrap_or_else(|| "null".to_owned()).into()
}

#[cfg(test)]
mod tests {
    use domain::api::Part;

    use super::*;

    #[test]
    fn a_listener_resumes_exactly_after_its_last_message() {
        let live = Live::new("run".to_owned());
        for _ in 0..KEPT_MESSAGES + 10 {
            live.send(&LiveMessage::Resync);
        }
        let last = KEPT_MESSAGES as u64 + 10;
        let numbers =
            |from| live.listen(from).1.map(|missed| missed.iter().map(|kept| kept.number).collect::<Vec<_>>());
        assert_eq!(numbers(Some(last - 2)), Some(vec![last - 1, last]));
        assert_eq!(numbers(Some(last)), Some(vec![]));
        assert_eq!(numbers(Some(10)).map(|missed| missed.len()), Some(KEPT_MESSAGES));
        assert_eq!(numbers(Some(9)), None, "message 10 is no longer kept");
        assert_eq!(numbers(Some(last + 5)), None, "this message was not sent yet");
        assert_eq!(numbers(None), None);
    }

    #[test]
    fn kept_messages_are_bounded_in_bytes() {
        let live = Live::new("run".to_owned());
        let broker = |trouble: usize| {
            let part = Part { name: "broker".to_owned(), up: false, trouble: Some("x".repeat(trouble)) };
            live.send(&LiveMessage::Topology(Topology { parts: vec![part] }));
        };
        for _ in 0..20 {
            broker(1 << 20);
        }
        assert_eq!(live.state().kept.len(), 7, "each has a little more than a mebibyte");
        assert_eq!(live.listen(Some(20)).1.map(|missed| missed.len()), Some(0));
        broker(KEPT_BYTES);
        assert!(live.state().kept.is_empty());
        assert_eq!(live.state().kept_bytes, 0);
        assert!(live.listen(Some(20)).1.is_none() && live.listen(Some(21)).1.is_some());
    }

    #[test]
    fn the_lag_is_unknown_once_the_sources_last_look_is_old() {
        let (live, at) = (Live::new("run".to_owned()), Timestamp::from_millis);
        assert_eq!(live.lag(Route::Kafka, at(0)), None, "the source has not looked yet");
        live.route(Route::Kafka, at(1_000), 0, 10);
        live.route(Route::Kafka, at(2_000), 3, 13);
        assert_eq!(live.lag(Route::Kafka, at(5_000)), Some(Lag { events: 3, seconds: 4.0 }));
        assert_eq!(live.lag(Route::Kafka, at(8_001)), None);
        assert_eq!(live.lag(Route::HttpPush, at(8_001)), Some(Lag::default()), "http-push holds no events");
    }

    #[test]
    fn a_tick_shows_a_bounded_number_of_events_and_hides_no_session() {
        let live = Live::new("run".to_owned());
        let event: domain::Event = serde_json::from_value(serde_json::json!({
            "id": "0192f0c1-2345-7abc-8def-0123456789ab", "source": "/x", "type": "ese.order.created",
            "time": "2026-01-31T12:00:00Z"
        }))
        .unwrap();
        let moment = Timestamp::default();
        let many = Processed::new(&event, Route::Kafka, domain::ledger::Seen::New, moment, moment);
        let visitor = Processed { session: Some(SessionId(event.id)), ..many.clone() };
        let show = |event: &Processed, count| {
            let parts = (event.session, event.hops, || event.clone());
            live.processed(event.route, std::iter::repeat_n(parts, count));
        };
        show(&many, 10 * EVENTS_A_TICK);
        show(&visitor, 1);
        assert_eq!(live.state().fresh.len(), EVENTS_A_TICK + 1);
        assert_eq!(live.state().fresh.back(), Some(&visitor));
    }
}
