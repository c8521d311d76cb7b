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
}

/// From the client to the backend.
pub const PRODUCER: LagLeg = LagLeg {
    title: "Producer lag",
    note: "emitted → received by the backend; the page sends each route a request of its own",
    one: "The three lines are one: each event came in one request for all routes, so the backend received it once.",
    spread: |lags| lags.producer,
    millis: |point| point.producer_ms,
};

/// From the backend into the ledger.
pub const CONSUMER: LagLeg = LagLeg {
    title: "Consumer lag",
    note: "received → processed, without any wait that the condition demands",
    one: "The three lines are one: the routes took equally long.",
    spread: |lags| lags.consumer,
    millis: |point| point.consumer_ms,
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

    /// Whether all three routes show the same numbers.
    pub fn is_one(self, lags: &ByRoute<LagStatistics>) -> bool {
        let [push, poll, kafka] = Route::ALL.map(|route| {
            let spread = (self.spread)(lags.get(route)?);
            Some((spread.events, [spread.min_ms, spread.average_ms, spread.max_ms].map(duration)))
        });
        push.is_some() && push == poll && poll == kafka
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
    fn the_lines_are_one_if_all_routes_show_the_same() {
        let with = |average_ms| LagStatistics {
            producer: Spread { events: 3, min_ms: 1.0, max_ms: 9.0, average_ms },
            ..LagStatistics::default()
        };
        let all = |kafka| Route::ALL.into_iter().zip([4.0, 4.001, kafka].map(with)).collect();
        assert!(PRODUCER.is_one(&all(4.002)), "the difference is not shown");
        assert!(!PRODUCER.is_one(&all(4.2)));
        assert!(!PRODUCER.is_one(&[(Route::Kafka, with(4.0))].into()), "one route alone");
        assert!(!PRODUCER.is_one(&ByRoute::new()));
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
