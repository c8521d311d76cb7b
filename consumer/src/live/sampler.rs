//! Samples of rates, lag and latency of each route, from the step and the sources.

use std::collections::VecDeque;

use domain::api::{HopTimes, Hops, Lag, Partition, Quantiles, RouteSample, SAMPLES, Sample, Wait};
use domain::{ByRoute, Route, Timestamp};

/// When a source's last look at its route is too old, in milliseconds; a query to Kafka may take seconds.
pub(super) const STALE_MS: f64 = 6_000.0;
/// The age of the oldest latency that counts, in milliseconds.
const LOOK_BACK_MS: i64 = 10_000;
/// The most latencies that a route keeps; older ones are dropped.
const LATENCIES: usize = 4_000;

/// The state of a route, from its source.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouteState {
    /// When the route was last seen empty.
    pub drained_at: Option<Timestamp>,
    /// Events waiting on it.
    pub waiting: u64,
    /// How many events ever came onto it.
    pub head: i64,
    /// When the source read that.
    pub looked_at: Option<Timestamp>,
}

impl RouteState {
    /// For how long the route was not seen empty, in seconds; 0 if it never was.
    pub(super) fn not_empty_for(&self, now: Timestamp) -> f64 {
        self.drained_at.map_or(0.0, |at| now.millis_since(at) / 1000.0)
    }
}

/// The data for the samples, and the latest samples.
#[derive(Debug, Default)]
pub(super) struct Sampler {
    routes: ByRoute<RouteCounts>,
    sampled_at: Option<Timestamp>,
    pub(super) samples: VecDeque<Sample>,
    pub(super) partitions: Vec<Partition>,
}

/// One route since the last sample.
#[derive(Debug, Default)]
struct RouteCounts {
    hops: VecDeque<Hops>,
    /// As senders reported them, with the time of the report.
    waits: VecDeque<(Timestamp, Wait)>,
    processed: u64,
    /// When the source last read the route's head, and the head.
    seen: Option<(Timestamp, i64)>,
    rate_in: Option<f64>,
}

impl Sampler {
    /// Adds the hops of an event.
    pub(super) fn add(&mut self, route: Route, hops: Hops) {
        let counts = self.routes.get_or_default(route);
        counts.processed += 1;
        if counts.hops.len() >= LATENCIES {
            counts.hops.pop_front();
        }
        counts.hops.push_back(hops);
    }

    /// Adds how long events waited at a sender.
    pub(super) fn add_waits(&mut self, route: Route, waits: &[Wait], now: Timestamp) {
        let known = &mut self.routes.get_or_default(route).waits;
        known.extend(waits.iter().map(|&wait| (now, wait)));
        known.drain(..known.len().saturating_sub(LATENCIES));
    }

    /// Takes the sample since the last one.
    pub(super) fn sample(
        &mut self,
        now: Timestamp,
        routes: &ByRoute<RouteState>,
        lag: impl Fn(Route) -> Option<Lag>,
    ) -> Sample {
        let seconds = self.sampled_at.replace(now).map_or(1.0, |last| now.millis_since(last) / 1000.0).max(0.001);
        let routes = Route::ALL.into_iter().map(|route| {
            let counts = self.routes.get_or_default(route);
            let rate_out = std::mem::take(&mut counts.processed) as f64 / seconds;
            counts.hops.retain(|hops| hops.processed > now.plus_millis(-LOOK_BACK_MS));
            counts.waits.retain(|(at, _)| *at > now.plus_millis(-LOOK_BACK_MS));
            let rate_in = match route {
                // It holds no events.
                Route::HttpPush => Some(rate_out),
                Route::HttpPoll | Route::Kafka => {
                    let head = routes.get(route).and_then(|state| Some((state.looked_at?, state.head)));
                    counts.inflow(head, now)
                }
            };
            (route, RouteSample { rate_in, rate_out, lag: lag(route), hops: counts.times() })
        });
        let sample = Sample { at: now, routes: routes.collect() };
        self.samples.push_back(sample.clone());
        let surplus = self.samples.len().saturating_sub(SAMPLES);
        self.samples.drain(..surplus);
        sample
    }
}

impl RouteCounts {
    /// Events per second that came onto the route between the last two looks at it.
    fn inflow(&mut self, head: Option<(Timestamp, i64)>, now: Timestamp) -> Option<f64> {
        let (at, head) = head.filter(|(at, _)| now.millis_since(*at) < STALE_MS)?;
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

    fn times(&self) -> HopTimes {
        let of = |hop: fn(&Hops) -> Option<f64>| quantiles(self.hops.iter().filter_map(hop).collect());
        let waited = |micros: fn(&Wait) -> u64| {
            quantiles(self.waits.iter().map(|(_, wait)| micros(wait) as f64 / 1000.0).collect())
        };
        HopTimes {
            queued: waited(|wait| wait.queued_us),
            until_accepted: waited(|wait| wait.accepted_us),
            until_processed: of(|hops| Some(hops.processed.millis_since(hops.received?))),
            on_route: of(|hops| Some(hops.arrived.millis_since(hops.received?))),
            in_step: of(|hops| Some(hops.processed.millis_since(hops.arrived))),
        }
    }
}

/// The lag for Prometheus, in events and seconds. While the events are unknown they are NaN, and the seconds since the route
/// was last seen empty grow; none for a route that was never seen.
pub(super) fn gauges(lag: Option<&Lag>, known: Option<&RouteState>, now: Timestamp) -> Option<(f64, f64)> {
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
    fn a_sample_covers_the_time_since_the_last() {
        let mut sampler = Sampler::default();
        let mut routes = ByRoute::new();
        let mut look = |now, head, sampler: &mut Sampler| {
            routes.insert(Route::Kafka, RouteState { looked_at: Some(at(now)), head, ..RouteState::default() });
            sampler.sample(at(now), &routes, |_| None).routes[Route::Kafka]
        };
        assert_eq!(look(0, 500, &mut sampler).rate_in, None, "a rate takes two looks");
        for _ in 0..30 {
            let hops = Hops { emitted: at(900), received: Some(at(910)), arrived: at(950), processed: at(1000) };
            sampler.add(Route::Kafka, hops);
        }
        sampler.add_waits(Route::Kafka, &[Wait { queued_us: 15_000, accepted_us: 5_500 }; 100], at(1000));
        let sample = look(2000, 540, &mut sampler);
        assert_eq!((sample.rate_in, sample.rate_out), (Some(20.0), 15.0));
        let all = |millis| Some(Quantiles { p50_ms: millis, p99_ms: millis });
        let expected = HopTimes {
            queued: all(15.0),
            until_accepted: all(5.5),
            until_processed: all(90.0),
            on_route: all(40.0),
            in_step: all(50.0),
        };
        assert_eq!(sample.hops, expected);
        assert_eq!(look(12_000, 540, &mut sampler).hops, HopTimes::default(), "after ten seconds they do not count");
    }

    #[test]
    fn the_lag_in_seconds_grows_while_the_events_are_unknown() {
        let known = RouteState { drained_at: Some(at(1000)), waiting: 0, ..RouteState::default() };
        let lag = Lag { events: 3, seconds: 0.5 };
        assert_eq!(gauges(Some(&lag), Some(&known), at(9000)), Some((3.0, 0.5)));
        let (events, seconds) = gauges(None, Some(&known), at(9000)).unwrap();
        assert!(events.is_nan() && seconds == 8.0, "{events}, {seconds}");
        assert_eq!(gauges(None, None, at(9000)), None);
    }

    #[test]
    fn an_inflow_is_unknown_once_the_last_look_is_old() {
        let mut counts = RouteCounts { rate_in: Some(5.0), seen: Some((at(0), 10)), ..RouteCounts::default() };
        assert_eq!(counts.inflow(Some((at(0), 10)), at(1000)), Some(5.0));
        assert_eq!(counts.inflow(Some((at(0), 10)), at(7000)), None);
    }
}
