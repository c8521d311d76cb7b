//! Charts of the last five minutes: the three routes as paths on one scale, computed here and only drawn elsewhere.

use domain::api::RoutePulse;
use domain::{Route, Timestamp};

use super::pulses::WINDOW_MS;
use super::scale::{HEIGHT, Scale};
use super::{Pulses, spread};
use crate::format::{count, duration, rate};

/// The width of a chart, in its own units: tenths of a second.
pub const WIDTH: i64 = WINDOW_MS / 100;
/// Between points further apart no line is drawn, in milliseconds.
const GAP_MS: f64 = 2_500.0;

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Events per second.
    Rate,
    /// Events that wait on the route.
    Lag,
    /// From emitted to processed.
    Latency,
}

/// A chart, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Each tick's distance from the upper edge, and its label.
    pub ticks: Vec<(i64, String)>,
    /// For each route, in their order.
    pub lines: [Curve; 3],
}

/// One route in a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The path of the strong line.
    pub strong: String,
    /// The path of the faint line; empty if there is none.
    pub faint: String,
    /// The latest value; a dash if it is unknown.
    pub latest: String,
    /// Where the label stands, as a distance from the upper edge; none if there is no line.
    pub label: Option<i64>,
}

impl Measure {
    /// All, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Rate, Self::Lag, Self::Latency];

    /// The chart's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rate => "Events per second",
            Self::Lag => "Events waiting on the route",
            Self::Latency => "Emitted to processed",
        }
    }

    /// What the lines mean.
    pub const fn note(self) -> &'static str {
        match self {
            Self::Rate => "strong: processed, faint: coming in",
            Self::Lag => "http-push keeps none",
            Self::Latency => "strong: half take less, faint: 99 in 100; logarithmic",
        }
    }

    fn strong(self, numbers: &RoutePulse) -> Option<f64> {
        match self {
            Self::Rate => Some(numbers.rate_out),
            Self::Lag => numbers.lag.map(|lag| lag.events as f64),
            Self::Latency => numbers.hops.total.map(|total| total.p50_ms),
        }
    }

    fn faint(self, numbers: &RoutePulse) -> Option<f64> {
        match self {
            Self::Rate => numbers.rate_in,
            Self::Lag => None,
            Self::Latency => numbers.hops.total.map(|total| total.p99_ms),
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Rate => format!("{}/s", rate(value)),
            Self::Lag => count(value as u64),
            Self::Latency => duration(value),
        }
    }

    fn tick(self, value: f64) -> String {
        match self {
            Self::Rate | Self::Lag => count(value as u64),
            Self::Latency if value >= 1000.0 => format!("{} s", count((value / 1000.0) as u64)),
            Self::Latency if value >= 1.0 => format!("{} ms", value as u64),
            Self::Latency => "0.1 ms".to_owned(),
        }
    }

    fn scale(self, pulses: &Pulses) -> Scale {
        let (mut least, mut most) = (f64::MAX, 0.0_f64);
        for route in Route::ALL {
            let both = pulses
                .series(route, |numbers| self.strong(numbers))
                .chain(pulses.series(route, |numbers| self.faint(numbers)));
            for value in both.filter_map(|(_, value)| value) {
                (least, most) = (least.min(value), most.max(value));
            }
        }
        match self {
            Self::Rate | Self::Lag => Scale::linear(most),
            Self::Latency if most <= 0.0 => Scale::log(1.0, 1000.0),
            Self::Latency => Scale::log(least, most),
        }
    }

    /// The chart with `edge` at its right end.
    pub fn chart(self, pulses: &Pulses, edge: Timestamp) -> Chart {
        let scale = self.scale(pulses);
        let mut lines = Route::ALL.map(|route| {
            let strong = || pulses.series(route, |numbers| self.strong(numbers));
            let last = strong().filter_map(|(at, value)| Some((at, value?))).last();
            let latest = last.filter(|(at, _)| edge.millis_since(*at) <= GAP_MS);
            Curve {
                strong: path(strong(), &scale, edge),
                faint: path(pulses.series(route, |numbers| self.faint(numbers)), &scale, edge),
                latest: latest.map_or_else(|| "–".to_owned(), |(_, value)| self.text(value)),
                label: last.map(|(_, value)| scale.y(value)),
            }
        });
        let labels = spread::apart(lines.each_ref().map(|line| line.label));
        lines.iter_mut().zip(labels).for_each(|(line, label)| line.label = label);
        let ticks = scale.ticks().into_iter().map(|value| (scale.y(value), self.tick(value))).collect();
        Chart { ticks, lines }
    }
}

/// The points as an SVG path in whole units, which needs neither long numbers nor the machinery to format them.
fn path(points: impl Iterator<Item = (Timestamp, Option<f64>)>, scale: &Scale, edge: Timestamp) -> String {
    let mut text = String::new();
    let mut before: Option<Timestamp> = None;
    let mut single = false;
    for (at, value) in points {
        let joined = before.take().is_some_and(|before| at.millis_since(before) <= GAP_MS);
        let x = WIDTH - (edge.millis_since(at) / 100.0 + 0.5) as i64;
        let Some(value) = value.filter(|_| (0..=WIDTH).contains(&x)) else { continue };
        before = Some(at);
        if !joined && single {
            text.push_str("h1");
        }
        single = !joined;
        text.push(if joined { 'L' } else { 'M' });
        text.push_str(&x.to_string());
        text.push(' ');
        text.push_str(&scale.y(value).min(HEIGHT).to_string());
    }
    if single {
        text.push_str("h1");
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::api::{Lag, Pulse};

    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp::from_millis;

    fn pulses(seconds: &[(i64, f64, u64)]) -> Pulses {
        let mut pulses = Pulses::default();
        for &(second, rate_out, waiting) in seconds {
            let lag = Some(Lag { events: waiting, seconds: 0.0 });
            let numbers = RoutePulse { rate_out, lag, ..RoutePulse::default() };
            pulses.take(Pulse { at: AT(second * 1000), routes: [(Route::Kafka, numbers)].into() }, AT(0));
        }
        pulses
    }

    #[test]
    fn a_line_is_broken_where_seconds_are_missing() {
        let scale = Scale::linear(4.0);
        let points = [(1, Some(0.0)), (2, Some(4.0)), (3, None), (4, Some(2.0)), (9, Some(1.0)), (10, Some(1.0))];
        let points = points.map(|(second, value)| (AT(second * 1000), value));
        assert_eq!(path(points.into_iter(), &scale, AT(10_000)), "M2910 1000L2920 0M2940 500h1M2990 750L3000 750");
        assert_eq!(path([(AT(0), Some(1.0))].into_iter(), &scale, AT(301_000)), "", "too old");
        assert_eq!(path([(AT(0), Some(1.0))].into_iter(), &scale, AT(0)), "M3000 750h1");
    }

    #[test]
    fn the_routes_share_one_scale() {
        let chart = Measure::Rate.chart(&pulses(&[(1, 100.0, 0), (2, 380.0, 0)]), AT(2000));
        assert_eq!(chart.ticks.iter().map(|(y, text)| (*y, text.as_str())).last(), Some((0, "400")));
        let kafka = &chart.lines[Route::Kafka as usize];
        assert_eq!((kafka.strong.as_str(), kafka.latest.as_str()), ("M2990 750L3000 50", "380/s"));
        assert_eq!((kafka.faint.as_str(), kafka.label), ("", Some(50)));
        assert_eq!(chart.lines[0].label, None, "http-push was never heard of");
    }

    #[test]
    fn what_is_too_old_is_no_latest_value() {
        let chart = Measure::Lag.chart(&pulses(&[(1, 0.0, 7)]), AT(9000));
        assert_eq!(chart.lines[2].latest, "–");
        assert_eq!(chart.lines[2].strong, "M2920 125h1");
        let latency = Measure::Latency.chart(&pulses(&[(1, 0.0, 7)]), AT(1000));
        let labels: Vec<_> = latency.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(labels, ["1 ms", "10 ms", "100 ms", "1 s"], "a scale even with nothing on it");
    }
}
