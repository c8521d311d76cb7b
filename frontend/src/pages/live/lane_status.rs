//! The status of a lane now, as one sentence from its numbers.

use domain::api::{Lag, Quantiles, RouteSample};
use domain::{Route, Timestamp};

use crate::format::{age, count, duration, events, rate};
use crate::state::page_state::State;
use crate::state::part_health::PartHealth;

/// The status of one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    /// Its state.
    pub state: LaneState,
    /// The sentence.
    pub text: String,
}

/// The state of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    /// Nothing is known.
    Unknown,
    /// No events.
    Idle,
    /// It keeps up.
    Flowing,
    /// Events wait on it.
    Behind,
    /// Events do not get through.
    Held,
}

impl LaneState {
    /// The name, as in `data-state`.
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

/// Where a route keeps events.
pub(super) const fn keeps(route: Route) -> &'static str {
    match route {
        Route::HttpPush => "on the way",
        Route::HttpPoll => "in the store",
        Route::Kafka => "in the log",
    }
}

impl State {
    /// The status of a lane.
    pub fn lane_status(&self, route: Route, now: Timestamp) -> LaneStatus {
        let numbers = self.samples.latest_of(route).unwrap_or_default();
        let down = |part| self.part(part, now).is_down();
        let held = |text: &str| LaneStatus { state: LaneState::Held, text: text.to_owned() };
        match self.part("consumer", now) {
            PartHealth::Unknown => LaneStatus { state: LaneState::Unknown, text: "Nothing is known now.".to_owned() },
            PartHealth::Down(_) => without_consumer(route, numbers.lag),
            PartHealth::Up if down("backend") => held(match route {
                Route::HttpPush => "Nothing comes in, and nothing was left on the way.",
                Route::HttpPoll => "Nothing comes in; what is stored cannot be fetched until the backend is back.",
                Route::Kafka => "Nothing comes in; what is in the log is still read.",
            }),
            PartHealth::Up if route == Route::Kafka && down("broker") => {
                held("Nothing can be accepted here. Browsers keep their events and try again.")
            }
            PartHealth::Up => with_all_up(route, &numbers, self.events_in_flight(route, now)),
        }
    }

    /// The status of a lane while the consumer alone does not reach this part, the backend or the broker.
    pub fn lane_status_out_of_reach(&self, part: &str, route: Route, now: Timestamp) -> LaneStatus {
        let numbers = self.samples.latest_of(route).unwrap_or_default();
        match (part, route) {
            ("backend", Route::HttpPoll) | ("broker", Route::Kafka) => without_consumer(route, numbers.lag),
            _ => with_all_up(route, &numbers, self.events_in_flight(route, now)),
        }
    }
}

fn without_consumer(route: Route, lag: Option<Lag>) -> LaneStatus {
    let waiting = lag.map_or(0, |lag| lag.events);
    let counted = if waiting > 0 { format!(" ({} at the last count)", count(waiting)) } else { String::new() };
    let text = match route {
        Route::HttpPush => "Nothing can be accepted here. Browsers keep their events and try again.".to_owned(),
        Route::HttpPoll => format!("Events are accepted and wait in the store{counted}, for ten minutes."),
        Route::Kafka => format!("Events are accepted and wait in the log{counted}."),
    };
    LaneStatus { state: if route == Route::HttpPush { LaneState::Held } else { LaneState::Behind }, text }
}

/// The lag of a route, if it has fallen behind: under load a route always has some events.
pub(super) fn behind(numbers: &RouteSample) -> Option<Lag> {
    numbers.lag.filter(|lag| lag.seconds >= 1.0 && lag.events as f64 >= numbers.rate_out.max(1.0))
}

fn with_all_up(route: Route, numbers: &RouteSample, in_flight: u64) -> LaneStatus {
    let comes_in = numbers.rate_in.unwrap_or(0.0);
    if let Some(lag) = behind(numbers) {
        let waiting = format!("{} wait {}", count(lag.events), keeps(route));
        let gains = numbers.rate_out - comes_in;
        let text = if gains >= 1.0 {
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
        return LaneStatus { state: LaneState::Behind, text };
    }
    let times = &numbers.hops;
    let long = |times: Option<Quantiles>| times.is_some_and(|times| times.p99_ms >= 1_000.0);
    let slow = times.until_processed.is_none() || long(times.until_processed) || long(times.until_accepted);
    if slow && in_flight as f64 >= numbers.rate_out.max(1.0) {
        let text = format!("{} on the way; {} got out in the last second.", events(in_flight), rate(numbers.rate_out));
        return LaneStatus { state: LaneState::Behind, text };
    }
    if numbers.rate_out <= 0.0 && comes_in <= 0.0 {
        return LaneStatus { state: LaneState::Idle, text: "Idle: nothing came in the last second.".to_owned() };
    }
    let text = match times.until_processed {
        Some(total) => format!("Keeps up; one in a hundred takes {} or more until processed.", duration(total.p99_ms)),
        None => "Keeps up.".to_owned(),
    };
    LaneStatus { state: LaneState::Flowing, text }
}

#[cfg(test)]
mod tests {
    use domain::Guarantee;
    use domain::api::Part;

    use super::*;
    use crate::state::live_feed::FeedChange;
    use crate::state::page_state::Input;

    fn numbers(comes_in: f64, gets_out: f64, waiting: u64) -> RouteSample {
        let lag = Some(Lag { events: waiting, seconds: waiting as f64 / 100.0 });
        RouteSample { rate_in: Some(comes_in), rate_out: gets_out, lag, ..RouteSample::default() }
    }

    #[test]
    fn the_sentence_gives_the_time_until_a_lane_is_drained() {
        let text = |numbers| with_all_up(Route::HttpPoll, &numbers, 0);
        let after = with_all_up(Route::HttpPush, &RouteSample::default(), 228);
        assert_eq!(
            (after.state, after.text.as_str()),
            (LaneState::Behind, "228 events on the way; 0 got out in the last second.")
        );
        assert_eq!(text(numbers(0.0, 0.0, 0)).state, LaneState::Idle);
        assert_eq!(text(numbers(100.0, 100.0, 20)).state, LaneState::Flowing, "a fifth of a second is not behind");
        let busy = RouteSample { lag: Some(Lag { events: 9, seconds: 60.0 }), ..numbers(100.0, 100.0, 0) };
        assert_eq!(text(busy).state, LaneState::Flowing, "a few events for a minute are not behind");
        assert_eq!(text(numbers(100.0, 300.0, 412)).text, "412 wait in the store; drained in about 3 s.");
        assert_eq!(
            text(numbers(300.0, 100.0, 412)).text,
            "412 wait in the store, and it does not get better: 300 come in, 100 get out a second."
        );
        assert_eq!(text(numbers(300.0, 0.0, 412)).text, "412 wait in the store; nothing got out in the last second.");
    }

    #[test]
    fn events_that_do_not_move_are_not_in_flight() {
        let at = Timestamp::from_millis;
        let mut state = State::default();
        let mut stats = domain::api::Stats::default();
        stats.routes.get_or_default(Route::Kafka).balance.in_flight = 7;
        for millis in [0, 9_000] {
            state.apply(Input::Live(Box::new(domain::api::LiveMessage::Stats(stats.clone()))), at(millis));
        }
        assert_eq!(
            (state.events_in_flight(Route::Kafka, at(9_999)), state.events_in_flight(Route::Kafka, at(10_000))),
            (7, 0)
        );
        assert!(state.headline(at(9_999), Guarantee::default()).headline.starts_with("Events are on their way"));
        assert!(state.headline(at(10_000), Guarantee::default()).headline.starts_with("Nothing is moving"));
    }

    #[test]
    fn a_part_that_is_down_affects_each_lane_differently() {
        let now = Timestamp::default();
        let mut state = State::default();
        let states = |state: &State| Route::ALL.map(|route| state.lane_status(route, now).state);
        assert_eq!(states(&state), [LaneState::Unknown; 3]);
        state.feed.received(now);
        assert_eq!(states(&state), [LaneState::Idle; 3]);
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(states(&state), [LaneState::Idle, LaneState::Idle, LaneState::Held]);
        state.topology.parts = vec![Part { name: "backend".to_owned(), up: false, trouble: None }];
        assert_eq!(states(&state), [LaneState::Held; 3]);
        let without = |part| Route::ALL.map(|route| state.lane_status_out_of_reach(part, route, now).state);
        assert_eq!(without("backend"), [LaneState::Idle, LaneState::Behind, LaneState::Idle], "only their connection");
        assert_eq!(without("broker"), [LaneState::Idle, LaneState::Idle, LaneState::Behind]);
        state.apply(Input::Feed(FeedChange::Broken), now);
        assert_eq!(states(&state), [LaneState::Unknown; 3], "the live stream is interrupted");
        state.asked_parts = vec![Part { name: "consumer".to_owned(), up: false, trouble: None }];
        assert_eq!(states(&state), [LaneState::Held, LaneState::Behind, LaneState::Behind]);
    }
}
