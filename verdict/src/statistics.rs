//! The method of the verdicts: a rank test with exact intervals, fit for a few runs of each route.
//!
//! # Ranks
//!
//! The values of two routes are compared run by run: each run of the one with each run of the other, 25 pairs with five
//! runs each. The estimate is the median of the pairs' ratios (or differences), after Hodges and Lehmann. The interval leaves
//! out equally many pairs at both ends. How many, follows from the exact distribution of Mann's and Whitney's U, which
//! assumes nothing about the shape of the values: no normal distribution, and outliers have bounded weight.
//!
//! - *Better*, *worse*: all pairs but those left out at one end differ by more than the band. This is the exact test of the
//!   hypothesis that the routes differ by the band or less, so the interval lies beyond the band, not only beyond 0.
//! - *Same*: all pairs but those left out at each end lie inside the band. These are two one-sided tests of equivalence.
//! - *Undecided*: all other cases.
//!
//! The interval has the least confidence that is not below 98 %. Five runs against five leave out one pair at each end
//! (98.4 %), five against four leave out none (98.4 %). With fewer runs even the widest interval falls short, and nothing is
//! decided by ranks: four against four give 97.1 %, three against three 90 %, since two samples of three from one
//! distribution lie apart in one of ten cases. So with three repetitions all latencies are undecided.
//!
//! The level is 98 %, not 95 %, since a scenario has up to 16 criteria and three pairs of routes. The band does the rest: a test
//! beside the code shows that a route against itself gets a false verdict on *any* criterion in fewer than 5 % of all
//! comparisons of two routes in one scenario, with spreads of 3 to 30 % from run to run, and outliers. A full set has 75 such
//! comparisons: a few of its verdicts are false. Of routes that differ by a factor of two, the same
//! tests find the better one nearly always if the spread is 15 % or less, and in half of all cases if it is 30 %.
//!
//! A bootstrap was not chosen. It never leaves the range of the runs that it draws from, so it calls three against three runs
//! that lie apart different, and is wrong in one of ten cases while it claims 95 %. With five runs it is too narrow as well.
//!
//! # Numbers without chance
//!
//! - [`Rule::Exact`]: if all runs of both routes gave the same number, it is the same. The number of parts follows from the
//!   stack, so two routes with different, constant numbers differ.
//! - [`Rule::Clean`]: some criteria count what should not be: unavailable, lost, duplicated, out of order, missed history. A run
//!   is clean if its value is inside the band of 0. If all runs of both routes are clean, there is no practical difference. If,
//!   of at least three runs each, all of the one route are clean and none of the other, and every pair differs by more than the
//!   band, the first is better: for two equal routes whose runs are clean with any chance p, such a result has the chance
//!   2 p³ (1 − p)³, which is at most 3.1 % (Barnard's unconditional test); with five runs it is at most 0.2 %.
//!
//! # Sources
//!
//! - H. B. Mann and D. R. Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other",
//!   Annals of Mathematical Statistics 18 (1947).
//! - J. L. Hodges and E. L. Lehmann, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 34 (1963).
//! - G. A. Barnard, "A New Test for 2 × 2 Tables", Nature 156 (1945).
//! - D. J. Schuirmann, "A Comparison of the Two One-Sided Tests Procedure …", Journal of Pharmacokinetics and Biopharmaceutics
//!   15 (1987).
//! - T. C. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69 (2015): its intervals are
//!   too narrow for small samples.

mod ranks;
#[cfg(test)]
mod simulation;

use crate::Criterion;
use crate::judgement::{Effect, Outcome, Rule, Scale, Summary};

/// Ranks decide nothing below this confidence.
pub const LEAST_CONFIDENCE: f64 = 0.98;

/// A route with fewer valid runs decides nothing.
pub const LEAST_RUNS: usize = 2;

/// So many runs of each route decide by being clean or not.
pub const LEAST_CLEAN_RUNS: usize = 3;

/// Compares the valid runs of two routes; the verdict is on the first.
pub fn compare(criterion: Criterion, a: &[f64], b: &[f64]) -> (Option<Effect>, Outcome, Rule) {
    if a.is_empty() || b.is_empty() {
        return (None, Outcome::Undecided, Rule::TooFewRuns);
    }
    let ranks = ranks::Ranks::new(a.len(), b.len(), LEAST_CONFIDENCE);
    let effect = Some(effect(criterion, a, b, &ranks));
    if a.len().min(b.len()) < LEAST_RUNS {
        return (effect, Outcome::Undecided, Rule::TooFewRuns);
    }
    let sides = Sides::new(criterion, a, b);
    if let Some(outcome) = exact(criterion, a, b) {
        return (effect, outcome, Rule::Exact);
    }
    if let Some(outcome) = clean(criterion, a, b, &sides) {
        return (effect, outcome, Rule::Clean);
    }
    (effect, sides.by_ranks(&ranks), Rule::Ranks)
}

/// The valid runs of a route; nothing if there are none.
pub fn summary(values: &[f64]) -> Option<Summary> {
    let sorted = sorted(values.to_vec());
    Some(Summary { median: median(&sorted)?, least: *sorted.first()?, most: *sorted.last()?, count: sorted.len() })
}

/// The median of sorted values; nothing if there are none.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let (low, high) = (sorted.get(sorted.len().saturating_sub(1) / 2)?, sorted.get(sorted.len() / 2)?);
    Some(low.midpoint(*high))
}

pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Whether the first value lies above the second by more than the band.
pub(crate) fn beyond(criterion: Criterion, above: f64, below: f64) -> bool {
    above - below > width(criterion, below)
}

/// The width of the band above a value.
pub(crate) fn width(criterion: Criterion, value: f64) -> f64 {
    let band = criterion.band();
    (band.relative * value).max(band.absolute)
}

fn effect(criterion: Criterion, a: &[f64], b: &[f64], ranks: &ranks::Ranks) -> Effect {
    let positive = a.iter().chain(b).all(|value| *value > 0.0);
    let scale = if criterion.band().relative > 0.0 && positive { Scale::Ratio } else { Scale::Difference };
    let of = |(x, y): (f64, f64)| if scale == Scale::Ratio { x / y } else { x - y };
    let all = sorted(pairs(a, b).map(of).collect());
    let (low, high) = (all[ranks.left_out], all[all.len() - 1 - ranks.left_out]);
    Effect { scale, low, estimate: median(&all).unwrap_or(low), high, confidence: ranks.confidence }
}

fn pairs(a: &[f64], b: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    a.iter().flat_map(|x| b.iter().map(|y| (*x, *y)))
}

/// How many pairs of runs lie where.
struct Sides {
    below: usize,
    above: usize,
    all: usize,
}

impl Sides {
    fn new(criterion: Criterion, a: &[f64], b: &[f64]) -> Self {
        let below = pairs(a, b).filter(|(x, y)| beyond(criterion, *y, *x)).count();
        let above = pairs(a, b).filter(|(x, y)| beyond(criterion, *x, *y)).count();
        Self { below, above, all: a.len() * b.len() }
    }

    fn by_ranks(&self, ranks: &ranks::Ranks) -> Outcome {
        if ranks.confidence < LEAST_CONFIDENCE {
            Outcome::Undecided
        } else if self.below + ranks.left_out >= self.all {
            Outcome::Better
        } else if self.above + ranks.left_out >= self.all {
            Outcome::Worse
        } else if self.below.max(self.above) <= ranks.left_out {
            Outcome::Same
        } else {
            Outcome::Undecided
        }
    }
}

fn exact(criterion: Criterion, a: &[f64], b: &[f64]) -> Option<Outcome> {
    let constant = |values: &[f64]| values.iter().all(|value| *value == values[0]);
    if !constant(a) || !constant(b) {
        None
    } else if a[0] == b[0] {
        Some(Outcome::Same)
    } else if criterion == Criterion::Parts {
        Some(if a[0] < b[0] { Outcome::Better } else { Outcome::Worse })
    } else {
        None
    }
}

fn clean(criterion: Criterion, a: &[f64], b: &[f64], sides: &Sides) -> Option<Outcome> {
    if !criterion.counts_what_should_not_be() {
        return None;
    }
    let clean = |values: &[f64]| values.iter().filter(|value| **value <= criterion.band().absolute).count();
    let enough = a.len().min(b.len()) >= LEAST_CLEAN_RUNS;
    match (clean(a), clean(b)) {
        ends if ends == (a.len(), b.len()) => Some(Outcome::Same),
        (all, 0) if enough && all == a.len() && sides.below == sides.all => Some(Outcome::Better),
        (0, all) if enough && all == b.len() && sides.above == sides.all => Some(Outcome::Worse),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
