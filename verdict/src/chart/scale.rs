//! The scale of a chart: from values to thousandths of its height or width, with ticks at round numbers.

/// The height of a chart, in its own units.
pub const HEIGHT: i64 = 1000;
/// The most steps a linear scale is divided into.
const MOST_STEPS: f64 = 4.0;

/// A scale from one edge of a chart to the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// In equal steps.
    Linear {
        /// The value at the lower edge.
        bottom: f64,
        /// The value at the upper edge.
        top: f64,
        /// From tick to tick.
        step: f64,
    },
    /// In powers of ten.
    Log {
        /// The power at the lower edge.
        from: i32,
        /// The power at the upper edge.
        to: i32,
    },
}

impl Scale {
    /// A linear scale over both values, in whole steps of 1, 2 or 5 times a power of ten.
    pub fn linear(least: f64, most: f64) -> Self {
        Self::linear_in(least, most, MOST_STEPS)
    }

    /// The same with at most so many steps.
    pub fn linear_in(least: f64, most: f64, most_steps: f64) -> Self {
        let most = most.max(least + most_steps);
        let mut step = 1.0;
        let mut factors = [2.0, 2.5, 2.0].into_iter().cycle();
        while (most - least) / step > most_steps
            && let Some(factor) = factors.next()
        {
            step *= factor;
        }
        Self::Linear { bottom: step * (least / step).floor(), top: step * (most / step).ceil(), step }
    }

    /// A logarithmic scale over both values; 0 and less lie at its lower edge.
    pub fn log(least: f64, most: f64) -> Self {
        let from = (least.clamp(0.1, 1e6).log10() + 1e-9).floor() as i32;
        let to = (most.clamp(0.1, 1e7).log10() - 1e-9).ceil() as i32;
        Self::Log { from, to: to.max(from + 1) }
    }

    /// The distance of a value from the lower or left edge, in thousandths.
    pub fn x(&self, value: f64) -> i64 {
        let share = match *self {
            Self::Linear { bottom, top, .. } => (value - bottom) / (top - bottom),
            Self::Log { .. } if value <= 0.0 => 0.0,
            Self::Log { from, to } => (value.log10() - f64::from(from)) / f64::from(to - from),
        };
        (share.clamp(0.0, 1.0) * HEIGHT as f64 + 0.5) as i64
    }

    /// The distance of a value from the upper edge, in thousandths.
    pub fn y(&self, value: f64) -> i64 {
        HEIGHT - self.x(value)
    }

    /// The values of the ticks, from the lower edge up.
    pub fn ticks(&self) -> Vec<f64> {
        match *self {
            Self::Linear { bottom, top, step } => {
                let steps = ((top - bottom) / step + 0.5) as u32;
                (0..=steps).map(|tick| bottom + f64::from(tick) * step).collect()
            }
            Self::Log { from, to } => (from..=to).map(|power| 10_f64.powi(power)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_few() {
        let ticks = |most| Scale::linear(0.0, most).ticks();
        assert_eq!(ticks(0.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(ticks(9.0), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(10.0), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(333.0), [0.0, 100.0, 200.0, 300.0, 400.0]);
        assert_eq!(Scale::linear(-3.0, 1.0).ticks(), [-3.0, -2.0, -1.0, 0.0, 1.0]);
        assert_eq!(Scale::linear(-7.0, 230.0).ticks(), [-100.0, 0.0, 100.0, 200.0, 300.0]);
        for most in 1..5000 {
            let ticks = ticks(f64::from(most));
            assert!((3..=5).contains(&ticks.len()), "{most}: {ticks:?}");
            assert!(ticks.last().is_some_and(|&top| top >= f64::from(most)), "{most}: {ticks:?}");
        }
    }

    #[test]
    fn a_value_lies_between_the_edges() {
        let scale = Scale::linear(0.0, 400.0);
        assert_eq!([0.0, 100.0, 400.0, 1e9, -5.0].map(|value| scale.y(value)), [1000, 750, 0, 0, 1000]);
        let scale = Scale::log(2.0, 150.0);
        assert_eq!(scale, Scale::Log { from: 0, to: 3 });
        assert_eq!([1.0, 10.0, 1000.0, 0.0, -3.0].map(|value| scale.y(value)), [1000, 667, 0, 1000, 1000]);
        assert_eq!(scale.ticks(), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(Scale::log(1.0, 1.0), Scale::Log { from: 0, to: 1 });
        assert_eq!(Scale::log(10.0, 100.0), Scale::Log { from: 1, to: 2 }, "edges need no room beyond them");
    }
}
