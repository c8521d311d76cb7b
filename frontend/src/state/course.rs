//! The course of a lag over five minutes: the routes as SVG paths on one scale, computed here and only drawn elsewhere.

use std::fmt::Write;

use domain::api::{LAG_BUCKET_SECONDS, LagPoint, LagStatistics, Spread};
use domain::{ByRoute, Route, Timestamp};

use crate::format::count;

/// The width of a course in its own units, tenths of a second: five minutes.
pub const WIDTH: i64 = 3000;
/// The height of a course in its own units.
pub const HEIGHT: i64 = 1000;
/// The most steps of the scale.
const STEPS: i64 = 4;

/// Which of the two lags, in the seed's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// From the client's emission to the backend's receipt.
    Producer,
    /// From the backend's receipt to the end of processing.
    Consumer,
}

/// A chart, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The lines of the grid, from below: how far below the upper edge, and the label.
    pub ticks: Vec<(i64, String)>,
    /// For each route in their order the path of its line, empty if there is none.
    pub lines: [String; 3],
    /// And of the dots: points by themselves, and the latest.
    pub dots: [String; 3],
}

impl Leg {
    /// The numbers of this leg.
    pub const fn spread(self, lags: &LagStatistics) -> Spread {
        match self {
            Self::Producer => lags.producer,
            Self::Consumer => lags.consumer,
        }
    }

    const fn millis(self, point: &LagPoint) -> f64 {
        match self {
            Self::Producer => point.producer_ms,
            Self::Consumer => point.consumer_ms,
        }
    }

    /// The chart of the five minutes until `now`, by the consumer's clock.
    pub fn course(self, lags: &ByRoute<LagStatistics>, now: Timestamp) -> Course {
        let since = now.plus_millis(-100 * WIDTH);
        let shown = |route: Route| {
            let course = lags.get(route).map(|lags| lags.course.as_slice()).unwrap_or_default();
            course.iter().filter(|point| (since..=now).contains(&point.at))
        };
        let values = || Route::ALL.into_iter().flat_map(shown).map(|point| self.millis(point));
        if values().next().is_none() {
            return Course::default();
        }
        let (low, step, high) = scale(values().fold(0.0, f64::min), values().fold(1.0, f64::max));
        let y = |millis: f64| ((high as f64 - millis) / (high - low) as f64 * HEIGHT as f64 + 0.5) as i64;
        let ticks = (0..=(high - low) / step).map(|tick| low + tick * step);
        let ticks = ticks.map(|tick| (y(tick as f64), label(tick))).collect();
        let place = |point: &LagPoint| ((point.at.millis_since(since) / 100.0) as i64, y(self.millis(point)));
        let (mut lines, mut dots) = <([String; 3], [String; 3])>::default();
        for route in Route::ALL {
            let (line, dots) = (&mut lines[route as usize], &mut dots[route as usize]);
            let points: Vec<&LagPoint> = shown(route).collect();
            let joined = |first: usize| {
                let pair = points.get(first).zip(points.get(first + 1));
                pair.is_some_and(|(a, b)| b.at.millis_since(a.at) < 1500.0 * LAG_BUCKET_SECONDS as f64)
            };
            for (index, (x, y)) in points.iter().map(|point| place(point)).enumerate() {
                let before = index > 0 && joined(index - 1);
                write!(line, "{}{x} {y}", if before { 'L' } else { 'M' }).ok();
                // Without length, but with round ends.
                if index + 1 == points.len() || !before && !joined(index) {
                    write!(dots, "M{x} {y}h0").ok();
                }
            }
        }
        Course { ticks, lines, dots }
    }
}

/// The lower end, the step and the upper end of a scale with room for both, in whole milliseconds.
fn scale(least: f64, most: f64) -> (i64, i64, i64) {
    let (least, most) = (least.max(-1e12).floor() as i64, most.min(1e12).ceil() as i64);
    let mut step = 1;
    let mut factors = [(2, 1), (5, 2), (2, 1)].into_iter().cycle();
    while (most - least + step - 1) / step > STEPS
        && let Some((by, over)) = factors.next()
    {
        step = step * by / over;
    }
    (least.div_euclid(step) * step, step, -(-most).div_euclid(step) * step)
}

fn label(millis: i64) -> String {
    let sign = if millis < 0 { "−" } else { "" };
    match millis.unsigned_abs() {
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
    fn scales_end_at_round_numbers_and_hold_everything() {
        assert_eq!(scale(0.0, 1.0), (0, 1, 1));
        assert_eq!(scale(0.0, 6.1), (0, 2, 8));
        assert_eq!(scale(0.0, 17.0), (0, 5, 20));
        assert_eq!(scale(-3.0, 1.0), (-3, 1, 1));
        assert_eq!(scale(-7.0, 230.0), (-100, 100, 300));
        for most in [1.0, 9.9, 99.0, 1234.5, 8e7, 1e300] {
            let (low, step, high) = scale(0.0, most);
            assert!(low == 0 && high as f64 >= most.min(1e12) && high / step <= STEPS, "{most}: {step} {high}");
        }
    }

    #[test]
    fn lines_break_where_no_event_came() {
        let lags = [(Route::Kafka, lags(&[(0, 9.0), (300, 10.0), (305, 20.0), (400, 0.0)]))].into();
        let course = Leg::Consumer.course(&lags, at(600));
        assert_eq!(course.lines, [String::new(), String::new(), "M0 500L50 0M1000 1000".to_owned()]);
        assert_eq!(course.dots[2], "M1000 1000h0");
        let ticks: Vec<_> = course.ticks.iter().map(|(y, label)| (*y, label.as_str())).collect();
        assert_eq!(ticks, [(1000, "0"), (750, "5 ms"), (500, "10 ms"), (250, "15 ms"), (0, "20 ms")]);
    }

    #[test]
    fn clocks_may_disagree_and_there_may_be_nothing() {
        let lags = [(Route::HttpPush, lags(&[(599, 0.0)]))].into();
        let course = Leg::Producer.course(&lags, at(600));
        assert_eq!(course.dots[0], "M2990 1000h0", "below zero is on the scale");
        assert_eq!(course.ticks[0].1, "−3 ms");
        assert_eq!(Leg::Producer.course(&ByRoute::new(), at(600)), Course::default());
        assert_eq!([2000, 1500, -1000].map(label), ["2 s", "1\u{202f}500 ms", "−1 s"]);
    }
}
