//! The method on made-up samples: how often it is wrong, and how often it finds a true difference.

use super::*;

/// Xorshift, after Marsaglia.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..20).for_each(|_| _ = dice.even());
        dice
    }

    /// Evenly distributed between 0 and 1.
    fn even(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A run's value: log-normal with a spread, and slower in a share of the runs.
    fn value(&mut self, median: f64, spread: f64, outliers: f64) -> f64 {
        let normal = (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos();
        let slower = if self.even() < outliers { -self.even().ln() } else { 0.0 };
        median * (spread * normal + slower).exp()
    }

    fn values(&mut self, runs: usize, median: f64, spread: f64, outliers: f64) -> Vec<f64> {
        (0..runs).map(|_| self.value(median, spread, outliers)).collect()
    }

    /// Counts of what should not be: mostly clean, or not.
    fn counts(&mut self, runs: usize, clean: f64) -> Vec<f64> {
        (0..runs).map(|_| if self.even() < clean { 0.0 } else { (self.even() * 20.0).ceil() }).collect()
    }
}

/// The values of a route in a scenario with faults: their spread from run to run is that of measured ones, or larger, and one
/// run of ten is an outlier.
fn draw(criterion: Criterion, runs: usize, dice: &mut Dice) -> Vec<f64> {
    let (median, spread) = match criterion {
        Criterion::AcceptedP50 => (9.0, 0.1),
        Criterion::AcceptedP99 => (60.0, 0.3),
        Criterion::ProcessedP50 => (14.0, 0.15),
        Criterion::ProcessedP99 => (120.0, 0.3),
        Criterion::Unavailable => (40.0, 0.1),
        Criterion::Lost | Criterion::Duplicated => return dice.counts(runs, 0.9),
        Criterion::OutOfOrder => return dice.counts(runs, 0.5),
        Criterion::MostWaiting => (4000.0, 0.15),
        Criterion::Recovery => (6.0, 0.2),
        Criterion::Cpu => (0.8, 0.1),
        Criterion::Memory => (300.0, 0.03),
        Criterion::Disk => (900.0, 0.05),
        Criterion::Parts => return vec![4.0; runs],
        Criterion::Startup => (2.0, 0.15),
        Criterion::MissedHistory => (50.0, 0.1),
    };
    dice.values(runs, median, spread, 0.1)
}

/// The false verdicts of a route against itself, over all criteria.
fn false_verdicts(seed: u64, runs: usize) -> usize {
    let mut dice = Dice::new(seed);
    let wrong = |criterion: &Criterion| {
        let (a, b) = (draw(*criterion, runs, &mut dice), draw(*criterion, runs, &mut dice));
        matches!(compare(*criterion, &a, &b).1, Outcome::Better | Outcome::Worse)
    };
    Criterion::ALL.iter().copied().filter(wrong).count()
}

#[test]
fn fewer_than_one_comparison_in_twenty_has_a_false_verdict_on_any_criterion() {
    for runs in [3, 4, 5, 8] {
        let wrong = (1..=2000).filter(|seed| false_verdicts(*seed, runs) > 0).count();
        assert!(wrong < 100, "{runs} runs: {wrong} of 2000");
    }
}

/// How many of 1,000 comparisons find worse a route that takes so many times longer; none may find anything else.
fn found(times: f64, runs: usize, spread: f64, outliers: f64) -> usize {
    let verdict = |seed| {
        let mut dice = Dice::new(seed);
        let a = dice.values(runs, 100.0, spread, outliers);
        let b = dice.values(runs, 100.0 * times, spread, outliers);
        compare(Criterion::ProcessedP50, &a, &b).1
    };
    let verdicts: Vec<_> = (1..=1000).map(verdict).collect();
    assert!(verdicts.iter().all(|outcome| matches!(outcome, Outcome::Better | Outcome::Undecided)));
    verdicts.iter().filter(|outcome| **outcome == Outcome::Better).count()
}

#[test]
fn twice_the_time_is_found_nearly_always() {
    assert_eq!(found(2.0, 5, 0.1, 0.0), 1000);
    assert!(found(2.0, 5, 0.15, 0.0) > 980);
    assert!(found(2.0, 5, 0.15, 0.02) > 900, "one run of fifty is an outlier");
    assert!(found(3.0, 5, 0.3, 0.0) > 940);
    assert!((450..600).contains(&found(2.0, 5, 0.3, 0.0)), "a large spread needs more runs");
    assert!(found(2.0, 10, 0.3, 0.0) > 900);
}

#[test]
fn three_runs_decide_no_latency() {
    assert_eq!(found(10.0, 3, 0.1, 0.0), 0);
}

#[test]
fn a_difference_within_the_band_is_found_in_one_of_fifty_cases_at_most() {
    for times in [1.0, 1.05, 1.1] {
        let verdict = |seed| {
            let mut dice = Dice::new(seed);
            let (a, b) = (dice.values(5, 100.0, 0.01, 0.0), dice.values(5, 100.0 * times, 0.01, 0.0));
            compare(Criterion::Cpu, &a, &b).1
        };
        let wrong = (1..=1000).filter(|seed| matches!(verdict(*seed), Outcome::Better | Outcome::Worse)).count();
        assert!(wrong <= 20, "{times}: {wrong} of 1,000");
    }
}
