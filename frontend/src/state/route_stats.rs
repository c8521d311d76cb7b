//! The counts of one route, as far as they are known now.

use domain::api::RouteStats;
use domain::{Route, Timestamp};

use super::page_state::State;

/// Events in flight whose number stays the same for so long are not on their way any more, in milliseconds.
const ABANDONED_MS: f64 = 10_000.0;

impl State {
    /// How many events are on their way by the books. Where that has not changed for a while they move no more: their
    /// senders are gone, and may come back or not.
    pub fn on_their_way(&self, route: Route, now: Timestamp) -> u64 {
        let (events, since) = self.in_flight[route as usize];
        if now.millis_since(since) < ABANDONED_MS { events } else { 0 }
    }

    /// The numbers of the route, once they are known; how much waits only if whoever can tell does: the consumer, and the
    /// store's backend or the broker.
    pub fn route_stats(&self, route: Route, now: Timestamp) -> Option<RouteStats> {
        let mut numbers = self.stats.as_ref()?.routes.get(route).copied().unwrap_or_default();
        let teller = if route == Route::Kafka { "broker" } else { "backend" };
        if self.feed.name(now) != "live" || self.part(teller, now).is_down() {
            numbers.lag = None;
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use domain::api::{Lag, LiveMessage, Part, Stats};

    use super::super::page_state::Input;
    use super::*;

    #[test]
    fn only_who_can_tell_is_believed_about_what_waits() {
        let now = Timestamp::default();
        let mut state = State::default();
        let mut stats = Stats::default();
        stats.routes.get_or_default(Route::Kafka).lag = Some(Lag { events: 3, seconds: 1.0 });
        state.take(Input::Live(Box::new(LiveMessage::Stats(stats))), now);
        let waiting = |state: &State| state.route_stats(Route::Kafka, now).unwrap().lag.map(|lag| lag.events);
        assert_eq!(waiting(&state), Some(3));
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(waiting(&state), None);
    }
}
