//! The queue of a route: how many events wait at their senders and on the route, and how that changes.

use std::collections::VecDeque;

use domain::api::Sample;
use domain::{Route, Timestamp};

use super::lane_status::keeps;
use crate::api::backend_metrics::BackendMetrics;
use crate::format::{age, count, rate};

/// The change is measured over so many milliseconds.
const WINDOW_MS: f64 = 4_500.0;
/// A smaller change per second is none.
const STEADY: f64 = 1.0;

/// The queue of one route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Events that this page and the simulated clients still have.
    pub at_senders: u64,
    /// Events on the route; none if that is not known.
    pub on_route: Option<u64>,
    /// Whether `on_route` is the consumer's last count, plus the events accepted since.
    pub estimated: bool,
}

impl Queue {
    /// All events that wait, as far as they are known.
    pub fn all(&self) -> u64 {
        self.at_senders + self.on_route.unwrap_or(0)
    }

    /// The numbers, the change per second, and the time to go, as text.
    pub fn words(&self, route: Route, growth: Option<f64>, expires_seconds: Option<u64>) -> String {
        let place = keeps(route);
        let about = if self.estimated { "about " } else { "" };
        let mut words = match (self.on_route, self.at_senders) {
            (None, 0) => return format!("Not known how many wait {place}."),
            (None, senders) => vec![format!("not known how many {place}, {} at the senders", count(senders))],
            (Some(0), 0) => return "Nothing waits.".to_owned(),
            (Some(0), senders) => vec![format!("{} at the senders", count(senders))],
            (Some(events), 0) => vec![format!("{about}{} {place}", count(events))],
            (Some(events), senders) => {
                vec![format!("{about}{} {place}, {} at the senders", count(events), count(senders))]
            }
        };
        let change = growth.unwrap_or(0.0);
        match trend(growth) {
            "growing" => words.push(format!("growing +{}/s", rate(change))),
            "draining" => {
                let left = (self.all() as f64 / -change).ceil() as u64;
                words.push(format!("draining {}/s, {} to go", rate(-change), age(left)));
            }
            _ => {}
        }
        if let Some(seconds) = expires_seconds.filter(|_| self.on_route != Some(0)) {
            words.push(format!("the oldest expires in {}", age(seconds)));
        }
        words.join(" · ")
    }
}

/// The direction of a change per second, as in `data-trend`.
pub fn trend(growth: Option<f64>) -> &'static str {
    match growth {
        Some(growth) if growth >= STEADY => "growing",
        Some(growth) if growth <= -STEADY => "draining",
        _ => "steady",
    }
}

/// The last count of the consumer, and the backend's counts then and now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intake {
    /// The backend's latest metrics.
    pub latest: Option<BackendMetrics>,
    base: Option<Base>,
}

#[derive(Clone, Debug, PartialEq)]
struct Base {
    sampled_at: Timestamp,
    waiting: [Option<u64>; 3],
    accepted: [u64; 3],
}

impl Intake {
    /// Takes the backend's metrics; `sample` is the consumer's latest.
    pub fn take(&mut self, metrics: Option<BackendMetrics>, sample: Option<&Sample>) {
        self.latest = metrics;
        let known = self.base.as_ref().map(|base| base.sampled_at);
        if let (Some(metrics), Some(sample)) = (metrics, sample.filter(|sample| known != Some(sample.at))) {
            let waiting = Route::ALL.map(|route| Some(sample.routes.get(route)?.lag?.events));
            self.base = Some(Base { sampled_at: sample.at, waiting, accepted: metrics.accepted });
        }
    }

    /// The consumer's last count plus the events accepted since; none if one of the two is not known.
    pub fn estimate(&self, route: Route) -> Option<u64> {
        let (base, latest, index) = (self.base.as_ref()?, self.latest?, route as usize);
        // A backend that has restarted counts from 0 again.
        let since = latest.accepted[index].checked_sub(base.accepted[index])?;
        Some(base.waiting[index]? + since)
    }
}

/// The change of a number over the last seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth(VecDeque<(Timestamp, u64)>);

impl Growth {
    /// Takes the present number; one that is not known begins anew.
    pub fn take(&mut self, number: Option<u64>, now: Timestamp) {
        let Some(number) = number else { return self.0.clear() };
        self.0.push_back((now, number));
        while self.0.front().is_some_and(|(at, _)| now.millis_since(*at) > WINDOW_MS) {
            self.0.pop_front();
        }
    }

    /// The change per second; none before the second number.
    pub fn per_second(&self) -> Option<f64> {
        let ((from, before), (to, after)) = (self.0.front()?, self.0.back()?);
        let millis = to.millis_since(*from);
        (millis > 0.0).then(|| (*after as f64 - *before as f64) * 1000.0 / millis)
    }
}

/// The number of events that fills the picture of a queue: 1, 2 or 5 with zeros, at least 100.
pub fn scale(most: u64) -> u64 {
    let mut full = 100;
    while full < most {
        full = [2, 5, 10].map(|times| full * times).into_iter().find(|full| *full >= most).unwrap_or(full * 10);
    }
    full
}

#[cfg(test)]
mod tests {
    use domain::api::{Lag, RouteSample};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn the_text_has_the_numbers_the_change_and_the_time_to_go() {
        let store = |events| Queue { on_route: Some(events), ..Queue::default() };
        let words = |queue: Queue, growth, expires| queue.words(Route::HttpPoll, growth, expires);
        assert_eq!(words(store(0), Some(0.0), None), "Nothing waits.");
        assert_eq!(
            words(store(412), Some(40.2), Some(548)),
            "412 in the store · growing +40/s · the oldest expires in 9 min"
        );
        assert_eq!(words(store(4800), Some(-400.0), None), "4\u{202f}800 in the store · draining 400/s, 12 s to go");
        assert_eq!(words(store(412), Some(0.4), None), "412 in the store");
        let about = Queue { at_senders: 7, on_route: Some(90), estimated: true };
        assert_eq!(words(about, None, None), "about 90 in the store, 7 at the senders");
        assert_eq!(words(Queue::default(), Some(3.0), Some(9)), "Not known how many wait in the store.");
        let push = Queue { at_senders: 30, on_route: Some(0), estimated: false };
        assert_eq!(push.words(Route::HttpPush, Some(10.0), None), "30 at the senders · growing +10/s");
    }

    #[test]
    fn the_backend_counts_on_while_the_consumer_is_silent() {
        let sample = |second, events| {
            let numbers = RouteSample { lag: Some(Lag { events, seconds: 0.0 }), ..RouteSample::default() };
            Sample { at: at(second), routes: [(Route::Kafka, numbers)].into() }
        };
        let accepted = |kafka| Some(BackendMetrics { accepted: [0, 0, kafka], expires_seconds: None });
        let mut intake = Intake::default();
        intake.take(accepted(500), None);
        assert_eq!(intake.estimate(Route::Kafka), None, "the consumer has counted nothing yet");
        intake.take(accepted(600), Some(&sample(1, 20)));
        assert_eq!(intake.estimate(Route::Kafka), Some(20));
        intake.take(accepted(640), Some(&sample(1, 20)));
        assert_eq!(intake.estimate(Route::Kafka), Some(60), "no new count, and 40 accepted since");
        intake.take(accepted(700), Some(&sample(2, 5)));
        assert_eq!(intake.estimate(Route::Kafka), Some(5), "the consumer counts again");
        assert_eq!(intake.estimate(Route::HttpPoll), None, "its lag is not known");
        intake.take(accepted(3), Some(&sample(2, 5)));
        assert_eq!(intake.estimate(Route::Kafka), None, "the backend has restarted");
        intake.take(None, Some(&sample(2, 5)));
        assert_eq!(intake.estimate(Route::Kafka), None, "there are no metrics");
    }

    #[test]
    fn growth_is_measured_over_a_few_seconds() {
        let mut growth = Growth::default();
        growth.take(Some(100), at(0));
        assert_eq!(growth.per_second(), None);
        for second in 1..=10 {
            growth.take(Some(100 + 40 * second as u64), at(second));
        }
        assert_eq!(growth.per_second(), Some(40.0));
        for second in 11..=15 {
            growth.take(Some(500), at(second));
        }
        assert_eq!(growth.per_second(), Some(0.0), "the old growth is over");
        growth.take(None, at(16));
        growth.take(Some(9_000), at(17));
        assert_eq!(growth.per_second(), None, "a number after a gap is no growth");
    }

    #[test]
    fn the_scale_has_round_numbers() {
        assert_eq!([0, 100, 101, 450, 501, 12_000].map(scale), [100, 100, 200, 500, 1000, 20_000]);
    }
}
