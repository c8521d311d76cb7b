//! The two legs of an event's way, and the chart of their lags over five minutes.

use domain::api::{LAG_BUCKET_SECONDS, LagPoint, LagStatistics, Spread};
use domain::{ByRoute, Route, Timestamp};

use crate::components::chart::drawing::{Chart, Drawing, Point, extent};
use crate::format::{count, duration};
use verdict::chart::scale::Scale;

/// The longest gap, in milliseconds, that a line crosses.
const GAP_MS: f64 = 1500.0 * LAG_BUCKET_SECONDS as f64;

/// A leg of an event's way.
#[derive(Clone, Copy, Debug)]
pub struct LagLeg {
    /// The chart's title.
    pub title: &'static str,
    /// The start and the end of the leg.
    pub note: &'static str,
    /// Why its three lines are one where they are.
    pub one: &'static str,
    /// Minimum, average and maximum.
    pub spread: fn(&LagStatistics) -> Spread,
    millis: fn(&LagPoint) -> f64,
    /// Whether two lines are one.
    alike: fn(&Spread, &Spread) -> bool,
}

/// From the client to the backend.
pub const PRODUCER: LagLeg = LagLeg {
    title: "Producer lag",
    note: "emitted → received by the backend; the page sends each route a request of its own",
    one: "The three lines are one: each event came in one request for all routes, so the backend received it once.",
    spread: |lags| lags.producer,
    millis: |point| point.producer_ms,
    // The sentence is about the events, so rounded times do not do. Sums of the same numbers may differ by a rounding.
    alike: |one, other| (one.events, one.min_ms, one.max_ms) == (other.events, other.min_ms, other.max_ms),
};

/// From the backend into the ledger.
pub const CONSUMER: LagLeg = LagLeg {
    title: "Consumer lag",
    note: "received → processed, without any wait that the condition demands",
    one: "The three lines are one: the routes took equally long.",
    spread: |lags| lags.consumer,
    millis: |point| point.consumer_ms,
    alike: |one, other| {
        let shown = |spread: &Spread| [spread.min_ms, spread.average_ms, spread.max_ms].map(duration);
        one.events == other.events && shown(one) == shown(other)
    },
};

impl LagLeg {
    /// The averages of each route, with `now` (by the consumer's clock) at the right end; empty if there are none.
    pub fn chart(self, lags: &ByRoute<LagStatistics>, now: Timestamp) -> Chart {
        let points = Route::ALL.map(|route| {
            let course = lags.get(route).map(|lags| lags.course.as_slice()).unwrap_or_default();
            let points: Vec<Point> = course.iter().map(|point| (point.at, Some((self.millis)(point)))).collect();
            [points, Vec::new()]
        });
        let Some((least, most)) = extent(&points) else { return Chart::default() };
        let scale = Scale::linear(least.min(0.0), most);
        Drawing { scale, edge: now, gap_ms: GAP_MS, text: &duration, tick: &tick }.chart(points)
    }

    /// Whether the lines of all three routes are one.
    pub fn is_one(self, lags: &ByRoute<LagStatistics>) -> bool {
        let spreads = Route::ALL.map(|route| lags.get(route).map(self.spread));
        let [Some(push), Some(poll), Some(kafka)] = spreads else { return false };
        push.events > 0 && (self.alike)(&push, &poll) && (self.alike)(&poll, &kafka)
    }
}

fn tick(millis: f64) -> String {
    let sign = if millis < 0.0 { "−" } else { "" };
    match millis.abs() as u64 {
        0 => "0".to_owned(),
        whole if whole.is_multiple_of(1000) => format!("{sign}{} s", count(whole / 1000)),
        millis => format!("{sign}{} ms", count(millis)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn lags(course: &[(i64, f64)]) -> LagStatistics {
        let point = |&(second, consumer_ms)| LagPoint { at: at(second), producer_ms: -3.0, consumer_ms };
        LagStatistics { course: course.iter().map(point).collect(), ..LagStatistics::default() }
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let lags = [(Route::Kafka, lags(&[(0, 9.0), (300, 10.0), (305, 20.0), (400, 0.0)]))].into();
        let chart = CONSUMER.chart(&lags, at(600));
        assert_eq!(chart.lines[2].strong, "M0 500L50 0M1000 1000h1");
        assert_eq!((chart.lines[0].strong.as_str(), chart.lines[2].latest.as_str()), ("", "–"));
        let ticks: Vec<_> = chart.ticks.iter().map(|(y, label)| (*y, label.as_str())).collect();
        assert_eq!(ticks, [(1000, "0"), (750, "5 ms"), (500, "10 ms"), (250, "15 ms"), (0, "20 ms")]);
    }

    #[test]
    fn the_lines_are_one_if_the_events_are_the_same_or_the_times_are_shown_alike() {
        let with = |min_ms| {
            let spread = Spread { events: 3, min_ms, max_ms: 9.0, average_ms: 6.0 };
            LagStatistics { producer: spread, consumer: spread, ..LagStatistics::default() }
        };
        let all = |kafka| Route::ALL.into_iter().zip([4.0, 4.0, kafka].map(with)).collect();
        let are_one = |lags: &ByRoute<LagStatistics>| [PRODUCER, CONSUMER].map(|leg| leg.is_one(lags));
        assert_eq!(are_one(&all(4.0)), [true, true]);
        assert_eq!(are_one(&all(4.001)), [false, true], "requests of their own, and the difference is not shown");
        assert_eq!(are_one(&all(4.2)), [false, false]);
        assert_eq!(are_one(&[(Route::Kafka, with(4.0))].into()), [false, false], "one route alone");
        assert_eq!(are_one(&ByRoute::new()), [false, false]);
        let none = Route::ALL.into_iter().map(|route| (route, LagStatistics::default())).collect();
        assert_eq!(are_one(&none), [false, false], "no events");
    }

    #[test]
    fn lags_may_be_negative_or_missing() {
        let lags = [(Route::HttpPush, lags(&[(599, 0.0)]))].into();
        let chart = PRODUCER.chart(&lags, at(600));
        assert_eq!((chart.lines[0].strong.as_str(), chart.lines[0].latest.as_str()), ("M2990 1000h1", "−3.0 ms"));
        assert_eq!(chart.ticks[0].1, "−3 ms", "below zero is on the scale");
        assert_eq!(PRODUCER.chart(&ByRoute::new(), at(600)), Chart::default());
        assert_eq!([2000.0, 1500.0, -1000.0].map(tick), ["2 s", "1\u{202f}500 ms", "−1 s"]);
    }
}
