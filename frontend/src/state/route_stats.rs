//! The counts of one route, as far as they are known now.

use domain::api::RouteStats;
use domain::{Route, Timestamp};

use super::page_state::State;

/// After so long without a change, in milliseconds, events in flight count as abandoned.
const ABANDONED_MS: f64 = 10_000.0;

impl State {
    /// The events in flight by the ledger; 0 if the number has not changed for a while, because their senders are gone.
    pub fn events_in_flight(&self, route: Route, now: Timestamp) -> u64 {
        let (events, since) = self.in_flight[route as usize];
        if now.millis_since(since) < ABANDONED_MS { events } else { 0 }
    }

    /// The counts of a route when this page was opened: the first that it got.
    pub fn first_stats(&self, route: Route) -> RouteStats {
        self.first_stats.as_ref().and_then(|first| first.get(route).copied()).unwrap_or_default()
    }

    /// The counts of a route, once they are known; without the lag if the consumer or the part that measures it is down.
    pub fn route_stats(&self, route: Route, now: Timestamp) -> Option<RouteStats> {
        let mut numbers = self.stats.as_ref()?.routes.get(route).copied().unwrap_or_default();
        let source = if route == Route::Kafka { "broker" } else { "backend" };
        if self.feed.name(now) != "live" || self.part(source, now).is_down() {
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
    fn the_first_counts_are_kept() {
        let mut state = State::default();
        for emitted in [7, 9] {
            let mut stats = Stats::default();
            stats.routes.get_or_default(Route::Kafka).balance.emitted = emitted;
            state.apply(Input::Live(Box::new(LiveMessage::Stats(stats))), Timestamp::default());
        }
        assert_eq!(state.first_stats(Route::Kafka).balance.emitted, 7);
        assert_eq!(state.first_stats(Route::HttpPush), RouteStats::default());
    }

    #[test]
    fn the_lag_is_not_known_while_its_source_is_down() {
        let now = Timestamp::default();
        let mut state = State::default();
        let mut stats = Stats::default();
        stats.routes.get_or_default(Route::Kafka).lag = Some(Lag { events: 3, seconds: 1.0 });
        state.apply(Input::Live(Box::new(LiveMessage::Stats(stats))), now);
        let waiting = |state: &State| state.route_stats(Route::Kafka, now).unwrap().lag.map(|lag| lag.events);
        assert_eq!(waiting(&state), Some(3));
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(waiting(&state), None);
    }
}
