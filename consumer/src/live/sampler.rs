//! Once a second: rates, lag and latency of each route, from what the step and the sources tell.

use std::collections::VecDeque;
use std::time::Duration;

use domain::api::{HopTimes, Hops, Lag, LiveMessage, Partition, Quantiles, RouteSample, SAMPLES, Sample};
use domain::{ByRoute, Route, Timestamp};

use super::{Live, RouteState, STALE_MS};

/// How far back latencies are looked at, in milliseconds.
const LOOK_BACK_MS: i64 = 10_000;
/// The most latencies that a route keeps: of more, the latest.
const LATENCIES: usize = 4_000;

/// What pulses are made of.
#[derive(Debug, Default)]
pub(super) struct Sampler {
    routes: ByRoute<Course>,
    beaten_at: Option<Timestamp>,
    pub(super) pulses: VecDeque<Sample>,
    pub(super) partitions: Vec<Partition>,
}

/// One route since the last pulse.
#[derive(Debug, Default)]
struct Course {
    samples: VecDeque<Hops>,
    processed: u64,
    /// When the source last looked how far the route reaches, and how far that was.
    seen: Option<(Timestamp, i64)>,
    rate_in: Option<f64>,
}

impl Sampler {
    /// Takes in the hops of an event.
    pub(super) fn sample(&mut self, route: Route, hops: Hops) {
        let course = self.routes.get_or_default(route);
        course.processed += 1;
        if course.samples.len() >= LATENCIES {
            course.samples.pop_front();
        }
        course.samples.push_back(hops);
    }

    /// One beat: what happened since the last one.
    pub(super) fn beat(
        &mut self,
        now: Timestamp,
        routes: &ByRoute<RouteState>,
        lag: impl Fn(Route) -> Option<Lag>,
    ) -> Sample {
        let seconds = self.beaten_at.replace(now).map_or(1.0, |last| now.millis_since(last) / 1000.0).max(0.001);
        let pulses = Route::ALL.into_iter().map(|route| {
            let course = self.routes.get_or_default(route);
            let rate_out = std::mem::take(&mut course.processed) as f64 / seconds;
            course.samples.retain(|hops| hops.processed > now.plus_millis(-LOOK_BACK_MS));
            let rate_in = match route {
                // What it takes in it hands out in the same breath.
                Route::HttpPush => Some(rate_out),
                Route::HttpPoll | Route::Kafka => {
                    let reach = routes.get(route).and_then(|state| Some((state.looked_at?, state.head)));
                    course.inflow(reach, now)
                }
            };
            (route, RouteSample { rate_in, rate_out, lag: lag(route), hops: times(&course.samples) })
        });
        let pulse = Sample { at: now, routes: pulses.collect() };
        self.pulses.push_back(pulse.clone());
        let surplus = self.pulses.len().saturating_sub(SAMPLES);
        self.pulses.drain(..surplus);
        pulse
    }
}

impl Course {
    /// Events per second that the route grew by between two looks at it; the last known while no look is due.
    fn inflow(&mut self, reach: Option<(Timestamp, i64)>, now: Timestamp) -> Option<f64> {
        let (at, head) = reach.filter(|(at, _)| now.millis_since(*at) < STALE_MS)?;
        match self.seen {
            Some((before, _)) if at <= before => {}
            Some((before, known)) => {
                let grown = head.saturating_sub(known).max(0) as f64;
                self.rate_in = Some(grown * 1000.0 / at.millis_since(before));
                self.seen = Some((at, head));
            }
            None => self.seen = Some((at, head)),
        }
        self.rate_in
    }
}

fn times(samples: &VecDeque<Hops>) -> HopTimes {
    let of = |hop: fn(&Hops) -> Option<f64>| quantiles(samples.iter().filter_map(hop).collect());
    HopTimes {
        to_backend: of(|hops| Some(hops.received?.millis_since(hops.emitted))),
        on_route: of(|hops| Some(hops.arrived.millis_since(hops.received?))),
        in_step: of(|hops| Some(hops.processed.millis_since(hops.arrived))),
        total: of(|hops| Some(hops.processed.millis_since(hops.emitted))),
    }
}

/// The lag as Prometheus is told it, in events and seconds. While nobody can tell how much waits, that is no number, but
/// the route has not been seen empty for ever longer; nothing is told of a route that nobody ever looked at.
fn gauges(lag: Option<&Lag>, known: Option<&RouteState>, now: Timestamp) -> Option<(f64, f64)> {
    match lag {
        Some(lag) => Some((lag.events as f64, lag.seconds)),
        None => known.map(|known| (f64::NAN, known.not_empty_for(now))),
    }
}

fn quantiles(mut millis: Vec<f64>) -> Option<Quantiles> {
    let last = millis.len().checked_sub(1)?;
    let mut rank = |share: f64| {
        let place = ((share * (last + 1) as f64).ceil() as usize).clamp(1, last + 1) - 1;
        *millis.select_nth_unstable_by(place, f64::total_cmp).1
    };
    Some(Quantiles { p50_ms: rank(0.5), p99_ms: rank(0.99) })
}

impl Live {
    /// Beats once a second until nobody waits for it any more.
    pub(super) async fn pulse(&self) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            let now = runtime::clock::now();
            let lags: ByRoute<Lag> =
                Route::ALL.into_iter().filter_map(|route| Some((route, self.lag(route, now)?))).collect();
            let mut state = self.state();
            let routes = state.routes;
            let pulse = state.sampler.beat(now, &routes, |route| lags.get(route).copied());
            drop(state);
            for route in Route::ALL {
                if let Some((events, seconds)) = gauges(lags.get(route), routes.get(route), now) {
                    metrics::gauge!("ese_consumer_lag_events", "route" => route.name()).set(events);
                    metrics::gauge!("ese_consumer_lag_seconds", "route" => route.name()).set(seconds);
                }
            }
            self.send(&LiveMessage::Sample(pulse));
        }
    }

    /// Shows the partitions of Kafka, if anything about them changed.
    pub fn partitions(&self, partitions: Vec<Partition>) {
        let changed = std::mem::replace(&mut self.state().sampler.partitions, partitions.clone()) != partitions;
        if changed {
            self.send(&LiveMessage::Partitions(partitions));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        assert_eq!(quantiles(Vec::new()), None);
        assert_eq!(quantiles(vec![7.0]), Some(Quantiles { p50_ms: 7.0, p99_ms: 7.0 }));
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantiles(hundred), Some(Quantiles { p50_ms: 50.0, p99_ms: 99.0 }));
    }

    #[test]
    fn a_beat_tells_what_happened_since_the_last() {
        let mut sampler = Sampler::default();
        let mut routes = ByRoute::new();
        let mut look = |now, head, sampler: &mut Sampler| {
            routes.insert(Route::Kafka, RouteState { looked_at: Some(at(now)), head, ..RouteState::default() });
            sampler.beat(at(now), &routes, |_| None).routes[Route::Kafka]
        };
        assert_eq!(look(0, 500, &mut sampler).rate_in, None, "one look tells no rate");
        for _ in 0..30 {
            let hops = Hops { emitted: at(900), received: Some(at(910)), arrived: at(950), processed: at(1000) };
            sampler.sample(Route::Kafka, hops);
        }
        let beat = look(2000, 540, &mut sampler);
        assert_eq!((beat.rate_in, beat.rate_out), (Some(20.0), 15.0));
        let all = |millis| Some(Quantiles { p50_ms: millis, p99_ms: millis });
        let expected = HopTimes { to_backend: all(10.0), on_route: all(40.0), in_step: all(50.0), total: all(100.0) };
        assert_eq!(beat.hops, expected);
        assert_eq!(look(12_000, 540, &mut sampler).hops, HopTimes::default(), "after ten seconds it is history");
    }

    #[test]
    fn the_lag_in_seconds_grows_while_nobody_can_tell_the_events() {
        let known = RouteState { drained_at: Some(at(1000)), waiting: 0, ..RouteState::default() };
        let lag = Lag { events: 3, seconds: 0.5 };
        assert_eq!(gauges(Some(&lag), Some(&known), at(9000)), Some((3.0, 0.5)));
        let (events, seconds) = gauges(None, Some(&known), at(9000)).unwrap();
        assert!(events.is_nan() && seconds == 8.0, "{events}, {seconds}");
        assert_eq!(gauges(None, None, at(9000)), None);
    }

    #[test]
    fn an_inflow_that_nobody_looked_at_for_long_is_unknown() {
        let mut course = Course { rate_in: Some(5.0), seen: Some((at(0), 10)), ..Course::default() };
        assert_eq!(course.inflow(Some((at(0), 10)), at(1000)), Some(5.0));
        assert_eq!(course.inflow(Some((at(0), 10)), at(7000)), None);
    }
}
