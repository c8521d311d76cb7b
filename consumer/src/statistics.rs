//! The lags of each use case's events, over the last five minutes, in buckets of a few seconds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use domain::api::{LAG_BUCKET_SECONDS, LagPoint, LagStatistics, SAMPLES, Spread};
use domain::{ByRoute, Event, Route, Timestamp};

/// How many buckets make the five minutes.
const BUCKETS: usize = SAMPLES / LAG_BUCKET_SECONDS as usize;

/// The lags of each use case and route; kept in memory only.
#[derive(Debug, Default)]
pub struct Statistics(Mutex<BTreeMap<(&'static str, Route), VecDeque<Bucket>>>);

/// A few seconds.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    at: Timestamp,
    producer: Spread,
    consumer: Spread,
}

impl Statistics {
    /// Adds events of a use case that were just processed. Events without the backend's stamp have no lags.
    pub fn record<'a>(
        &self,
        use_case: &'static str,
        route: Route,
        events: impl Iterator<Item = &'a Event>,
        processed: Timestamp,
    ) {
        let (mut producer, mut consumer) = (Spread::default(), Spread::default());
        for event in events {
            let Some(received) = event.receivedtime else { continue };
            add(&mut producer, received.millis_since(event.time));
            add(&mut consumer, processed.millis_since(received));
        }
        if producer.events == 0 {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = bucket(known.entry((use_case, route)).or_default(), processed);
        merge(&mut bucket.producer, &producer);
        merge(&mut bucket.consumer, &consumer);
    }

    /// The lags of one use case, for each route with events.
    pub fn of(&self, use_case: &str, now: Timestamp) -> ByRoute<LagStatistics> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = known.iter().filter(|((id, _), _)| *id == use_case);
        of_it
            .map(|(&(_, route), buckets)| (route, summary(buckets, now)))
            .filter(|(_, lag)| lag.producer.events > 0)
            .collect()
    }
}

fn bucket(buckets: &mut VecDeque<Bucket>, now: Timestamp) -> &mut Bucket {
    let at = start(now);
    if buckets.back().is_none_or(|last| last.at < at) {
        buckets.push_back(Bucket { at, producer: Spread::default(), consumer: Spread::default() });
        let surplus = buckets.len().saturating_sub(BUCKETS);
        buckets.drain(..surplus);
    }
    let last = buckets.len() - 1;
    &mut buckets[last]
}

fn start(now: Timestamp) -> Timestamp {
    let length = LAG_BUCKET_SECONDS * 1_000_000;
    Timestamp::from_micros(now.micros().div_euclid(length) * length)
}

fn add(spread: &mut Spread, millis: f64) {
    merge(spread, &Spread { events: 1, min_ms: millis, max_ms: millis, average_ms: millis });
}

fn merge(into: &mut Spread, more: &Spread) {
    if into.events == 0 || more.events == 0 {
        if into.events == 0 {
            *into = *more;
        }
        return;
    }
    let events = into.events + more.events;
    into.average_ms += (more.average_ms - into.average_ms) * more.events as f64 / events as f64;
    into.min_ms = into.min_ms.min(more.min_ms);
    into.max_ms = into.max_ms.max(more.max_ms);
    into.events = events;
}

fn summary(buckets: &VecDeque<Bucket>, now: Timestamp) -> LagStatistics {
    let oldest = start(now).plus_millis(-1000 * LAG_BUCKET_SECONDS * BUCKETS as i64);
    let mut summary = LagStatistics::default();
    for bucket in buckets.iter().filter(|bucket| bucket.at > oldest) {
        merge(&mut summary.producer, &bucket.producer);
        merge(&mut summary.consumer, &bucket.consumer);
        let (producer_ms, consumer_ms) = (bucket.producer.average_ms, bucket.consumer.average_ms);
        summary.course.push(LagPoint { at: bucket.at, producer_ms, consumer_ms });
    }
    summary
}

#[cfg(test)]
mod tests {
    use domain::Kind;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_batch_has_the_lags_of_its_events_with_a_stamp() {
        let (statistics, at) = (Statistics::default(), Timestamp::from_millis);
        let event = |received: Option<i64>| Event {
            receivedtime: received.map(at),
            ..Event::new(Uuid::nil(), "/test".parse().unwrap(), Kind::KeyPress, at(1000))
        };
        let events = [event(Some(1010)), event(None), event(Some(1030))];
        for (use_case, events) in
            [("steady-clicks", &events[..2]), ("steady-clicks", &events[2..]), ("stuck-orders", &events[1..2])]
        {
            statistics.record(use_case, Route::Kafka, events.iter(), at(1100));
        }
        let lags = statistics.of("steady-clicks", at(1100));
        let lags = lags.get(Route::Kafka).unwrap();
        assert_eq!(lags.producer, Spread { events: 2, min_ms: 10.0, max_ms: 30.0, average_ms: 20.0 });
        assert_eq!(lags.consumer, Spread { events: 2, min_ms: 70.0, max_ms: 90.0, average_ms: 80.0 });
        assert!(statistics.of("stuck-orders", at(1100)).is_empty());
    }

    #[test]
    fn the_summary_covers_five_minutes_and_no_more() {
        let second = |second: i64| Timestamp::from_millis(second * 1000);
        let mut buckets = VecDeque::new();
        for now in 0..1000 {
            let bucket = bucket(&mut buckets, second(now));
            add(&mut bucket.producer, now as f64);
            add(&mut bucket.consumer, 1.0);
        }
        assert_eq!(buckets.len(), BUCKETS);
        let summary = summary(&buckets, second(999));
        assert_eq!(summary.course.len(), BUCKETS);
        let expected = Spread { events: 300, min_ms: 700.0, max_ms: 999.0, average_ms: 849.5 };
        assert_eq!((summary.producer.events, summary.producer.min_ms), (expected.events, expected.min_ms));
        assert!((summary.producer.average_ms - expected.average_ms).abs() < 1e-6);
        assert_eq!(summary.course[0].at, second(700));
        assert_eq!(super::summary(&buckets, second(5000)).producer.events, 0, "old buckets do not count");
    }
}
