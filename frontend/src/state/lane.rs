//! How a lane is right now, in one sentence computed from its numbers.

use domain::api::{Lag, RouteSample, RouteStats};
use domain::{Route, Timestamp};

use super::health::age;
use super::{PartHealth, State};
use crate::format::{count, duration, events, rate};

/// Events in flight whose number stays the same for so long are not on their way any more, in milliseconds.
const ABANDONED_MS: f64 = 10_000.0;

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// How it goes.
    pub mood: Mood,
    /// What there is to say.
    pub says: String,
}

/// How a lane goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is known yet.
    Unknown,
    /// Nothing comes.
    Idle,
    /// It keeps up.
    Flowing,
    /// Events wait on it.
    Behind,
    /// Events do not get through.
    Held,
}

impl Mood {
    /// The name, as in `data-mood`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Idle => "idle",
            Self::Flowing => "flowing",
            Self::Behind => "behind",
            Self::Held => "held",
        }
    }
}

/// Where a route keeps events, if it keeps any.
const fn keeps(route: Route) -> &'static str {
    match route {
        Route::HttpPush => "on the way",
        Route::HttpPoll => "in the store",
        Route::Kafka => "in the log",
    }
}

impl State {
    /// How many events are on their way by the books. Where that has not changed for a while they move no more: their
    /// senders are gone, and may come back or not.
    pub fn on_their_way(&self, route: Route, now: Timestamp) -> u64 {
        let (events, since) = self.in_flight[route as usize];
        if now.millis_since(since) < ABANDONED_MS { events } else { 0 }
    }

    /// The numbers of the route, once they are known; how much waits only if whoever can tell does: the consumer, and the
    /// store's backend or the broker.
    pub fn numbers(&self, route: Route, now: Timestamp) -> Option<RouteStats> {
        let mut numbers = self.stats.as_ref()?.routes.get(route).copied().unwrap_or_default();
        let teller = if route == Route::Kafka { "broker" } else { "backend" };
        if self.feed.name(now) != "live" || self.part(teller, now).is_down() {
            numbers.lag = None;
        }
        Some(numbers)
    }

    /// How the lane is.
    pub fn lane(&self, route: Route, now: Timestamp) -> Lane {
        let numbers = self.pulses.latest_of(route).unwrap_or_default();
        let down = |part| self.part(part, now).is_down();
        let held = |says: &str| Lane { mood: Mood::Held, says: says.to_owned() };
        match self.part("consumer", now) {
            PartHealth::Unknown => Lane { mood: Mood::Unknown, says: "Nothing is known yet.".to_owned() },
            PartHealth::Down(_) => without_consumer(route, numbers.lag),
            PartHealth::Up if down("backend") => held(match route {
                Route::HttpPush => "Backend down: nothing comes in, and nothing was left on the way.",
                Route::HttpPoll => "Backend down: nothing comes in; what is stored cannot be fetched until it is back.",
                Route::Kafka => "Backend down: nothing comes in; what is in the log is still read.",
            }),
            PartHealth::Up if route == Route::Kafka && down("broker") => {
                held("Broker down: nothing can be accepted here. Browsers keep their events and try again.")
            }
            PartHealth::Up => with_all_up(route, &numbers, self.on_their_way(route, now)),
        }
    }
}

fn without_consumer(route: Route, lag: Option<Lag>) -> Lane {
    let waiting = lag.map_or(0, |lag| lag.events);
    let counted = if waiting > 0 { format!(" ({} at the last count)", count(waiting)) } else { String::new() };
    let says = match route {
        Route::HttpPush => {
            "Consumer down: nothing can be accepted here. Browsers keep their events and try again.".to_owned()
        }
        Route::HttpPoll => {
            format!("Consumer down: events are accepted and wait in the store{counted}, for ten minutes.")
        }
        Route::Kafka => format!("Consumer down: events are accepted and wait in the log{counted}."),
    };
    Lane { mood: if route == Route::HttpPush { Mood::Held } else { Mood::Behind }, says }
}

/// How far a route has fallen behind, if it has: under load it is never quite empty, and that alone means nothing.
pub(super) fn behind(numbers: &RouteSample) -> Option<Lag> {
    numbers.lag.filter(|lag| lag.seconds >= 1.0 && lag.events as f64 >= numbers.rate_out.max(1.0))
}

fn with_all_up(route: Route, numbers: &RouteSample, in_flight: u64) -> Lane {
    let comes_in = numbers.rate_in.unwrap_or(0.0);
    if let Some(lag) = behind(numbers) {
        let waiting = format!("{} wait {}", count(lag.events), keeps(route));
        let gains = numbers.rate_out - comes_in;
        let says = if gains >= 1.0 {
            format!("{waiting}; drained in about {}.", age((lag.events as f64 / gains).ceil() as u64))
        } else if numbers.rate_out > 0.0 {
            format!(
                "{waiting}, and it does not get better: {} come in, {} get out a second.",
                rate(comes_in),
                rate(numbers.rate_out)
            )
        } else {
            format!("{waiting}; nothing got out in the last second.")
        };
        return Lane { mood: Mood::Behind, says };
    }
    let slow = numbers.hops.total.is_none_or(|total| total.p99_ms >= 1_000.0);
    if slow && in_flight as f64 >= numbers.rate_out.max(1.0) {
        let says = format!("{} in flight; {} got out in the last second.", events(in_flight), rate(numbers.rate_out));
        return Lane { mood: Mood::Behind, says };
    }
    if numbers.rate_out <= 0.0 && comes_in <= 0.0 {
        return Lane { mood: Mood::Idle, says: "Idle: nothing came in the last second.".to_owned() };
    }
    let says = match numbers.hops.total {
        Some(total) => format!("Keeps up; one in a hundred takes {} or more.", duration(total.p99_ms)),
        None => "Keeps up.".to_owned(),
    };
    Lane { mood: Mood::Flowing, says }
}

#[cfg(test)]
mod tests {
    use domain::api::Part;

    use super::super::{FeedChange, Input};
    use super::*;

    fn numbers(comes_in: f64, gets_out: f64, waiting: u64) -> RouteSample {
        let lag = Some(Lag { events: waiting, seconds: waiting as f64 / 100.0 });
        RouteSample { rate_in: Some(comes_in), rate_out: gets_out, lag, ..RouteSample::default() }
    }

    #[test]
    fn says_when_a_lane_will_be_drained() {
        let says = |numbers| with_all_up(Route::HttpPoll, &numbers, 0);
        let after = with_all_up(Route::HttpPush, &RouteSample::default(), 228);
        assert_eq!(
            (after.mood, after.says.as_str()),
            (Mood::Behind, "228 events in flight; 0 got out in the last second.")
        );
        assert_eq!(says(numbers(0.0, 0.0, 0)).mood, Mood::Idle);
        assert_eq!(says(numbers(100.0, 100.0, 20)).mood, Mood::Flowing, "a fifth of a second is not behind");
        let busy = RouteSample { lag: Some(Lag { events: 9, seconds: 60.0 }), ..numbers(100.0, 100.0, 0) };
        assert_eq!(says(busy).mood, Mood::Flowing, "nor is a minute in which always a few were under way");
        assert_eq!(says(numbers(100.0, 300.0, 412)).says, "412 wait in the store; drained in about 3 s.");
        assert_eq!(
            says(numbers(300.0, 100.0, 412)).says,
            "412 wait in the store, and it does not get better: 300 come in, 100 get out a second."
        );
        assert_eq!(says(numbers(300.0, 0.0, 412)).says, "412 wait in the store; nothing got out in the last second.");
    }

    #[test]
    fn what_moves_no_more_is_not_on_its_way() {
        let at = Timestamp::from_millis;
        let mut state = State::default();
        let mut stats = domain::api::Stats::default();
        stats.routes.get_or_default(Route::Kafka).balance.in_flight = 7;
        for millis in [0, 9_000] {
            state.take(Input::Live(Box::new(domain::api::LiveMessage::Stats(stats.clone()))), at(millis));
        }
        assert_eq!((state.on_their_way(Route::Kafka, at(9_999)), state.on_their_way(Route::Kafka, at(10_000))), (7, 0));
        assert!(state.verdict(at(9_999)).headline.starts_with("Events are on their way"));
        assert!(state.verdict(at(10_000)).headline.starts_with("Nothing is moving"));
    }

    #[test]
    fn only_who_can_tell_is_believed_about_what_waits() {
        let now = Timestamp::default();
        let mut state = State::default();
        let mut stats = domain::api::Stats::default();
        stats.routes.get_or_default(Route::Kafka).lag = Some(Lag { events: 3, seconds: 1.0 });
        state.take(Input::Live(Box::new(domain::api::LiveMessage::Stats(stats))), now);
        let waiting = |state: &State| state.numbers(Route::Kafka, now).unwrap().lag.map(|lag| lag.events);
        assert_eq!(waiting(&state), Some(3));
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(waiting(&state), None);
    }

    #[test]
    fn each_lane_suffers_in_its_own_way() {
        let now = Timestamp::default();
        let mut state = State::default();
        let moods = |state: &State| Route::ALL.map(|route| state.lane(route, now).mood);
        assert_eq!(moods(&state), [Mood::Unknown; 3]);
        state.feed.heard(now);
        assert_eq!(moods(&state), [Mood::Idle; 3]);
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(moods(&state), [Mood::Idle, Mood::Idle, Mood::Held]);
        state.topology.parts = vec![Part { name: "backend".to_owned(), up: false, trouble: None }];
        assert_eq!(moods(&state), [Mood::Held; 3]);
        state.take(Input::Feed(FeedChange::Broken), now);
        assert_eq!(moods(&state), [Mood::Held, Mood::Behind, Mood::Behind]);
    }
}
