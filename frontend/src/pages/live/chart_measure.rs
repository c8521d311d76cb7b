//! The measures of the charts: rate, lag and latency, second by second.

use domain::api::RouteSample;
use domain::{Route, Timestamp};

use crate::components::chart::drawing::{Chart, Drawing, extent};
use crate::format::{count, duration, rate};
use crate::state::samples::Samples;
use verdict::chart::scale::Scale;

/// The longest gap, in milliseconds, that a line crosses.
const GAP_MS: f64 = 2_500.0;

/// A measure of the charts.
#[derive(Clone, Copy)]
pub struct ChartMeasure {
    /// The chart's title.
    pub title: &'static str,
    /// The meaning of the lines.
    pub note: &'static str,
    strong: fn(&RouteSample) -> Option<f64>,
    faint: fn(&RouteSample) -> Option<f64>,
    text: fn(f64) -> String,
    tick: fn(f64) -> String,
    is_logarithmic: bool,
}

/// All measures, in the order of the charts.
pub const MEASURES: [ChartMeasure; 3] = [RATE, LAG, LATENCY];

const RATE: ChartMeasure = ChartMeasure {
    title: "Events per second",
    note: "strong: processed, faint: coming in",
    strong: |numbers| Some(numbers.rate_out),
    faint: |numbers| numbers.rate_in,
    text: |value| format!("{}/s", rate(value)),
    tick: whole,
    is_logarithmic: false,
};

const LAG: ChartMeasure = ChartMeasure {
    title: "Events waiting on the route",
    note: "http-push keeps none",
    strong: |numbers| numbers.lag.map(|lag| lag.events as f64),
    faint: |_| None,
    text: whole,
    tick: whole,
    is_logarithmic: false,
};

/// From the backend until processed.
const LATENCY: ChartMeasure = ChartMeasure {
    title: "Until processed",
    note: "strong: half take less, faint: 99 in 100; logarithmic",
    strong: |numbers| numbers.hops.until_processed.map(|total| total.p50_ms),
    faint: |numbers| numbers.hops.until_processed.map(|total| total.p99_ms),
    text: duration,
    tick: |value| match value as u64 {
        0 => "0.1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        millis => format!("{} s", count(millis / 1000)),
    },
    is_logarithmic: true,
};

fn whole(value: f64) -> String {
    count(value as u64)
}

impl ChartMeasure {
    /// The chart with `edge` at its right end.
    pub fn chart(self, samples: &Samples, edge: Timestamp) -> Chart {
        let points = Route::ALL.map(|route| [samples.series(route, self.strong), samples.series(route, self.faint)]);
        let scale = match extent(&points) {
            Some((least, most)) if self.is_logarithmic && most > 0.0 => Scale::log(least, most),
            _ if self.is_logarithmic => Scale::log(1.0, 1000.0),
            extent => Scale::linear(0.0, extent.map_or(0.0, |(_, most)| most)),
        };
        Drawing { scale, edge, gap_ms: GAP_MS, text: &self.text, tick: &self.tick }.chart(points)
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
        let chart = RATE.chart(&samples(&[(1, 100.0, 0), (2, 380.0, 0)]), AT(2000));
        assert_eq!(chart.ticks.iter().map(|(y, text)| (*y, text.as_str())).next_back(), Some((0, "400")));
        let kafka = &chart.lines[Route::Kafka as usize];
        assert_eq!((kafka.strong.as_str(), kafka.latest.as_str()), ("M2990 750L3000 50", "380/s"));
        assert_eq!(kafka.faint, "");
        assert_eq!(chart.lines[0].strong, "", "http-push has no samples");
    }

    #[test]
    fn an_old_value_is_not_the_latest() {
        let chart = LAG.chart(&samples(&[(1, 0.0, 7)]), AT(9000));
        assert_eq!(chart.lines[2].latest, "–");
        assert_eq!(chart.lines[2].strong, "M2920 125h1");
        let latency = LATENCY.chart(&samples(&[(1, 0.0, 7)]), AT(1000));
        let labels: Vec<_> = latency.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(labels, ["1 ms", "10 ms", "100 ms", "1 s"], "a scale even with nothing on it");
    }
}
