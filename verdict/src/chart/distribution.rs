//! Distributions of durations: for each route a bar on one logarithmic scale.

use domain::Route;

use super::Tick;
use super::scale::Scale;
use crate::number::duration;
use crate::results::{Distribution, QUANTILES, Run, ScenarioResult};
use crate::statistics::{median, sorted};

/// The quantiles that are drawn, in percent.
const DRAWN: [f64; 6] = [1.0, 25.0, 50.0, 75.0, 99.0, 99.9];

/// The distributions of all routes on one scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distributions {
    /// The durations along the lower edge.
    pub ticks: Vec<Tick>,
    /// The sender's wait, from due until accepted.
    pub accepted: Vec<Bar>,
    /// From due until processed.
    pub processed: Vec<Bar>,
}

/// The distribution of a route: the median over its repetitions of each quantile.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The route.
    pub route: Route,
    /// The positions of the quantiles 1, 25, 50, 75, 99 and 99.9 %, in thousandths.
    pub at: [i64; 6],
    /// The positions of the repetitions' own medians.
    pub medians: Vec<i64>,
    /// The median, as text.
    pub p50: String,
    /// The 99th percentile, as text.
    pub p99: String,
}

/// Draws the valid runs of a scenario.
pub fn distributions(result: &ScenarioResult) -> Distributions {
    let valid: Vec<&Run> = result.runs.iter().filter(|run| run.void.is_empty()).collect();
    let [accepted, processed] = [values(&valid, |run: &Run| &run.accepted), values(&valid, |run: &Run| &run.processed)];
    let drawn = || accepted.iter().chain(&processed).flat_map(|values| values.quantiles);
    let (least, most) = drawn().fold((f64::MAX, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
    if least > most {
        return Distributions::default();
    }
    let scale = Scale::log(least, most);
    let tick = |value| Tick { at: scale.x(value), text: duration(value) };
    let bars = |all: &[Values]| all.iter().map(|values| values.bar(&scale)).collect();
    Distributions {
        ticks: scale.ticks().into_iter().map(tick).collect(),
        accepted: bars(&accepted),
        processed: bars(&processed),
    }
}

struct Values {
    route: Route,
    quantiles: [f64; 6],
    medians: Vec<f64>,
}

impl Values {
    fn bar(&self, scale: &Scale) -> Bar {
        Bar {
            route: self.route,
            at: self.quantiles.map(|value| scale.x(value)),
            medians: self.medians.iter().map(|&value| scale.x(value)).collect(),
            p50: duration(self.quantiles[2]),
            p99: duration(self.quantiles[4]),
        }
    }
}

/// The quantiles of each route that has runs with durations.
fn values(runs: &[&Run], read: fn(&Run) -> &Distribution) -> Vec<Values> {
    let of = |route: Route| {
        let of_route = || runs.iter().filter(|run| run.route == route).map(|run| read(run));
        let at = |percent| sorted(of_route().filter_map(|distribution| distribution.at(percent)).collect());
        let medians = at(50.0);
        let quantile = |percent| median(&at(percent)).unwrap_or_default();
        (!medians.is_empty()).then(|| Values { route, quantiles: DRAWN.map(quantile), medians })
    };
    Route::ALL.into_iter().filter_map(of).collect()
}

impl Distribution {
    /// The duration at one of [`QUANTILES`], in milliseconds.
    pub fn at(&self, percent: f64) -> Option<f64> {
        QUANTILES.iter().position(|&quantile| quantile == percent).and_then(|index| self.quantiles.get(index).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stored_quantiles_can_be_read() {
        let distribution = Distribution { count: 2, quantiles: (0..13).map(f64::from).collect() };
        assert_eq!([50.0, 99.9, 42.0].map(|percent| distribution.at(percent)), [Some(5.0), Some(10.0), None]);
        assert_eq!(Distribution::default().at(50.0), None);
    }
}
