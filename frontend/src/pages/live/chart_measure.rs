//! The measures of the charts: rate, lag and latency, second by second.

use domain::api::RouteSample;
use domain::{Route, Timestamp};

use crate::components::chart::drawing::{Chart, Drawing, extent};
use crate::format::{count, duration, rate};
use crate::state::samples::Samples;
use verdict::chart::scale::Scale;

/// The longest gap, in milliseconds, that a line crosses.
const GAP_MS: f64 = 2_500.0;

/// The measure of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartMeasure {
    /// Events per second.
    Rate,
    /// Events that wait on the route.
    Lag,
    /// From the backend until processed.
    Latency,
}

impl ChartMeasure {
    /// All measures, in the order of the charts.
    pub const ALL: [Self; 3] = [Self::Rate, Self::Lag, Self::Latency];

    /// The chart's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rate => "Events per second",
            Self::Lag => "Events waiting on the route",
            Self::Latency => "Until processed",
        }
    }

    /// The meaning of the lines.
    pub const fn note(self) -> &'static str {
        match self {
            Self::Rate => "strong: processed, faint: coming in",
            Self::Lag => "http-push keeps none",
            Self::Latency => "strong: half take less, faint: 99 in 100; logarithmic",
        }
    }

    fn strong(self, numbers: &RouteSample) -> Option<f64> {
        match self {
            Self::Rate => Some(numbers.rate_out),
            Self::Lag => numbers.lag.map(|lag| lag.events as f64),
            Self::Latency => numbers.hops.until_processed.map(|total| total.p50_ms),
        }
    }

    fn faint(self, numbers: &RouteSample) -> Option<f64> {
        match self {
            Self::Rate => numbers.rate_in,
            Self::Lag => None,
            Self::Latency => numbers.hops.until_processed.map(|total| total.p99_ms),
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

    /// The chart with `edge` at its right end.
    pub fn chart(self, samples: &Samples, edge: Timestamp) -> Chart {
        let points = Route::ALL.map(|route| {
            [
                samples.series(route, |numbers| self.strong(numbers)),
                samples.series(route, |numbers| self.faint(numbers)),
            ]
        });
        let scale = match (self, extent(&points)) {
            (Self::Rate | Self::Lag, extent) => Scale::linear(0.0, extent.map_or(0.0, |(_, most)| most)),
            (Self::Latency, Some((least, most))) if most > 0.0 => Scale::log(least, most),
            (Self::Latency, _) => Scale::log(1.0, 1000.0),
        };
        let (text, tick) = (|value| self.text(value), |value| self.tick(value));
        Drawing { scale, edge, gap_ms: GAP_MS, text: &text, tick: &tick }.chart(points)
    }
}

#[cfg(test)]
mod tests {
    use domain::api::{Lag, Sample};

    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp::from_millis;

    fn samples(seconds: &[(i64, f64, u64)]) -> Samples {
        let mut samples = Samples::default();
        for &(second, rate_out, waiting) in seconds {
            let lag = Some(Lag { events: waiting, seconds: 0.0 });
            let numbers = RouteSample { rate_out, lag, ..RouteSample::default() };
            samples.take(Sample { at: AT(second * 1000), routes: [(Route::Kafka, numbers)].into() }, AT(0));
        }
        samples
    }

    #[test]
    fn the_routes_share_one_scale() {
        let chart = ChartMeasure::Rate.chart(&samples(&[(1, 100.0, 0), (2, 380.0, 0)]), AT(2000));
        assert_eq!(chart.ticks.iter().map(|(y, text)| (*y, text.as_str())).next_back(), Some((0, "400")));
        let kafka = &chart.lines[Route::Kafka as usize];
        assert_eq!((kafka.strong.as_str(), kafka.latest.as_str()), ("M2990 750L3000 50", "380/s"));
        assert_eq!(kafka.faint, "");
        assert_eq!(chart.lines[0].strong, "", "http-push has no samples");
    }

    #[test]
    fn an_old_value_is_not_the_latest() {
        let chart = ChartMeasure::Lag.chart(&samples(&[(1, 0.0, 7)]), AT(9000));
        assert_eq!(chart.lines[2].latest, "–");
        assert_eq!(chart.lines[2].strong, "M2920 125h1");
        let latency = ChartMeasure::Latency.chart(&samples(&[(1, 0.0, 7)]), AT(1000));
        let labels: Vec<_> = latency.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(labels, ["1 ms", "10 ms", "100 ms", "1 s"], "a scale even with nothing on it");
    }
}
