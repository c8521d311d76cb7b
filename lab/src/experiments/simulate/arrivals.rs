//! When events are due: moments whose density follows the rate's shape. Pure.

use std::f64::consts::E;
use std::time::Duration;

use domain::api::simulation::{Parameters, Shape};
use rand::RngExt;
use rand::rngs::StdRng;

/// The rate counts as constant for this time, in seconds.
const STEP: f64 = 0.001;
/// How long one beat of [`Shape::Burst`] is, in seconds, and how much of it is busy.
const BEAT: f64 = 10.0;
const BUSY: f64 = 2.0;
/// The rates of a beat, as multiples of the mean.
const FACTORS: (f64, f64) = (3.0, 0.5);

/// The moments from the beginning to the end, ascending, in seconds since the beginning.
pub(in crate::experiments) struct Arrivals {
    parameters: Parameters,
    random: StdRng,
    now: f64,
    /// The rates of a beat of [`Shape::Burst`], busy and otherwise, as multiples of the rate.
    factors: (f64, f64),
}

impl Arrivals {
    pub(in crate::experiments) fn new(parameters: Parameters, random: StdRng) -> Self {
        Self { parameters, random, now: 0.0, factors: FACTORS }
    }

    /// Sets the rates of a beat of [`Shape::Burst`], busy and otherwise, as multiples of the rate.
    pub(in crate::experiments) fn with_factors(self, factors: (f64, f64)) -> Self {
        Self { factors, ..self }
    }

    /// Events per second at this moment.
    fn rate(&self, at: f64) -> f64 {
        let Parameters { rate, shape, seconds, ramp_up_seconds, .. } = self.parameters;
        let factor = match shape {
            Shape::Constant | Shape::Poisson => 1.0,
            Shape::Ramp => at / f64::from(seconds),
            Shape::Burst if at % BEAT < BUSY => self.factors.0,
            Shape::Burst => self.factors.1,
        };
        rate * factor * joined(at, ramp_up_seconds)
    }

    /// How much of the rate's integral lies between an event and the next.
    fn gap(&mut self) -> f64 {
        match self.parameters.shape {
            Shape::Poisson => -(1.0 - self.random.random::<f64>()).log(E),
            Shape::Constant | Shape::Ramp | Shape::Burst => 1.0,
        }
    }
}

/// The share of the clients that have joined at this moment, from 0 to 1.
pub(in crate::experiments) fn joined(at: f64, ramp_up_seconds: u32) -> f64 {
    if ramp_up_seconds == 0 { 1.0 } else { (at / f64::from(ramp_up_seconds)).min(1.0) }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let end = f64::from(self.parameters.seconds);
        let mut gap = self.gap();
        while self.now < end {
            let step_end = ((self.now / STEP).floor() + 1.0) * STEP;
            // A step of length 0, by rounding, would never end.
            let step_end = if step_end > self.now { step_end } else { step_end + STEP };
            let rate = self.rate((self.now + step_end) / 2.0);
            let area = rate * (step_end - self.now);
            if area >= gap {
                self.now += gap / rate;
                return (self.now < end).then(|| Duration::from_secs_f64(self.now));
            }
            gap -= area;
            self.now = step_end;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    fn arrivals(shape: Shape, rate: f64, ramp_up_seconds: u32, seed: u64) -> Vec<f64> {
        let parameters = Parameters { shape, rate, ramp_up_seconds, seconds: 20, ..Parameters::default() };
        Arrivals::new(parameters, StdRng::seed_from_u64(seed)).map(|at| at.as_secs_f64()).collect()
    }

    /// The rate's integral from 0 to `at`, worked out by hand, for a rate of 1.
    fn integral(shape: Shape, at: f64) -> f64 {
        match shape {
            Shape::Constant | Shape::Poisson => at,
            Shape::Ramp => at * at / 40.0,
            Shape::Burst => (at / 10.0).floor() * 10.0 + (at % 10.0).min(2.0) * 3.0 + (at % 10.0 - 2.0).max(0.0) * 0.5,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_count_up_to_any_moment_follows_the_shape(
            rate in 1.0f64..2000.0, seed: u64, moments in prop::collection::vec(0.0f64..20.0, 8),
        ) {
            for shape in Shape::ALL {
                let all = arrivals(shape, rate, 0, seed);
                prop_assert!(all.is_sorted() && all.iter().all(|at| (0.0..20.0).contains(at)));
                for &moment in moments.iter().chain(&[20.0]) {
                    let expected = rate * integral(shape, moment);
                    let found = all.partition_point(|&at| at <= moment) as f64;
                    // A Poisson process is off by more than seven standard deviations once in a trillion times.
                    let tolerance = if shape == Shape::Poisson { 7.0 * expected.sqrt() + 8.0 } else { 1.0 + rate * STEP };
                    prop_assert!((found - expected).abs() <= tolerance, "{shape}: {found}, not {expected}, until {moment}");
                }
            }
        }

        #[test]
        fn while_clients_join_the_rate_rises(rate in 10.0f64..2000.0) {
            let all = arrivals(Shape::Constant, rate, 10, 0);
            let early = all.partition_point(|&at| at <= 10.0) as f64;
            prop_assert!((early - rate * 5.0).abs() <= 2.0, "{early}");
            prop_assert!((all.len() as f64 - early - rate * 10.0).abs() <= 2.0, "{}", all.len());
        }
    }

    #[test]
    fn gaps_are_even_or_those_of_chance() {
        let gaps = |shape| -> Vec<f64> {
            arrivals(shape, 500.0, 0, 3).windows(2).map(|pair| (pair[1] - pair[0]) * 500.0).collect()
        };
        assert!(gaps(Shape::Constant).iter().all(|gap| (gap - 1.0).abs() < 1e-3));
        // Of exponential gaps a share of 1/e is longer than the mean.
        let long = gaps(Shape::Poisson).iter().filter(|&&gap| gap > 1.0).count() as f64;
        let all = gaps(Shape::Poisson).len() as f64;
        assert!((long / all - (-1.0f64).exp()).abs() < 0.03, "{long} of {all}");
    }
}
