//! The data of a chart: the last five minutes of three routes as paths on one scale.

use domain::Timestamp;
use domain::api::SAMPLES;

use verdict::chart::scale::{HEIGHT, Scale};

/// The width of a chart's drawing, in units of a tenth of a second.
pub const WIDTH: i64 = SAMPLES as i64 * 10;

/// A time and its value; a missing value breaks the line.
pub type Point = (Timestamp, Option<f64>);

/// A chart, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The heights of the grid's lines, with their labels; empty if there is nothing to draw.
    pub ticks: Vec<(i64, String)>,
    /// The curves, in the routes' order.
    pub lines: [Curve; 3],
}

/// One route's curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The path of the main value.
    pub strong: String,
    /// The path of the second value.
    pub faint: String,
    /// The latest value, with its unit.
    pub latest: String,
}

/// The scale and the labels of a chart.
pub struct Drawing<'a> {
    /// The vertical scale.
    pub scale: Scale,
    /// The time at the right edge.
    pub edge: Timestamp,
    /// The longest gap, in milliseconds, that a line crosses; an older latest value is not shown.
    pub gap_ms: f64,
    /// Formats the latest value.
    pub text: &'a dyn Fn(f64) -> String,
    /// Formats a tick.
    pub tick: &'a dyn Fn(f64) -> String,
}

impl Drawing<'_> {
    /// The chart of main and second values, in the routes' order.
    pub fn chart(&self, points: [[Vec<Point>; 2]; 3]) -> Chart {
        let lines = points.map(|[strong, faint]| {
            let last = strong.iter().rev().find_map(|&(at, value)| Some((at, value?)));
            let latest = last.filter(|(at, _)| self.edge.millis_since(*at) <= self.gap_ms);
            Curve {
                strong: self.path(&strong),
                faint: self.path(&faint),
                latest: latest.map_or_else(|| "–".to_owned(), |(_, value)| (self.text)(value)),
            }
        });
        let ticks = self.scale.ticks().into_iter().map(|value| (self.scale.y(value), (self.tick)(value))).collect();
        Chart { ticks, lines }
    }

    /// The path through points; missing points break it, and a single point is a dot.
    fn path(&self, points: &[Point]) -> String {
        let mut text = String::new();
        let mut before: Option<Timestamp> = None;
        let mut single = false;
        for &(at, value) in points {
            let joined = before.take().is_some_and(|before| at.millis_since(before) <= self.gap_ms);
            let x = WIDTH - (self.edge.millis_since(at) / 100.0 + 0.5) as i64;
            let Some(value) = value.filter(|_| (0..=WIDTH).contains(&x)) else { continue };
            before = Some(at);
            if !joined && single {
                text.push_str("h1");
            }
            single = !joined;
            text.push(if joined { 'L' } else { 'M' });
            text.push_str(&x.to_string());
            text.push(' ');
            text.push_str(&self.scale.y(value).min(HEIGHT).to_string());
        }
        if single {
            text.push_str("h1");
        }
        text
    }
}

/// The minimum and the maximum of all values, if there are any.
pub fn extent(points: &[[Vec<Point>; 2]; 3]) -> Option<(f64, f64)> {
    let values = points.iter().flatten().flatten().filter_map(|&(_, value)| value);
    let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
    (least <= most).then_some((least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp::from_millis;

    fn path(points: &[(i64, Option<f64>)], edge: i64) -> String {
        let points: Vec<Point> = points.iter().map(|&(second, value)| (AT(second * 1000), value)).collect();
        let text = |_| String::new();
        let scale = Scale::linear(0.0, 4.0);
        Drawing { scale, edge: AT(edge * 1000), gap_ms: 2500.0, text: &text, tick: &text }.path(&points)
    }

    #[test]
    fn a_line_is_broken_where_seconds_are_missing() {
        let points = [(1, Some(0.0)), (2, Some(4.0)), (3, None), (4, Some(2.0)), (9, Some(1.0)), (10, Some(1.0))];
        assert_eq!(path(&points, 10), "M2910 1000L2920 0M2940 500h1M2990 750L3000 750");
        assert_eq!(path(&[(0, Some(1.0))], 301), "", "too old");
        assert_eq!(path(&[(0, Some(1.0))], 0), "M3000 750h1");
    }
}
