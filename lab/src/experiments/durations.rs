//! HDR histograms of durations.

use std::fmt::Write;

use hdrhistogram::Histogram;
use verdict::results::{Distribution, QUANTILES};

/// Longer durations count as this one: an hour, in microseconds.
const LONGEST: u64 = 3_600_000_000;
/// How many steps a percentile file has while the distance to 100 % is halved.
const STEPS: u32 = 5;

/// Durations in microseconds, to three digits.
#[derive(Clone, Debug)]
pub(super) struct Durations(Histogram<u64>);

impl Durations {
    /// The histogram of these durations.
    pub(super) fn new(micros: impl IntoIterator<Item = u64>) -> anyhow::Result<Self> {
        let mut histogram = Histogram::new_with_bounds(1, LONGEST, 3)?;
        micros.into_iter().for_each(|micros| histogram.saturating_record(micros));
        Ok(Self(histogram))
    }

    /// The duration that so many percent of them do not exceed, in milliseconds; none if there are none.
    pub(super) fn at(&self, percent: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.value_at_percentile(percent) as f64 / 1000.0)
    }

    /// The duration that so many percent of `all` do not exceed, if those that are missing here last for ever; in milliseconds.
    /// None if a missing one is reached.
    pub(super) fn at_of(&self, percent: f64, all: u64) -> Option<f64> {
        let percent = percent * all as f64 / self.0.len() as f64;
        (percent <= 100.0).then(|| self.at(percent)).flatten()
    }

    pub(super) fn distribution(&self) -> Distribution {
        let quantiles = QUANTILES.iter().filter_map(|&percent| self.at(percent)).collect();
        Distribution { count: self.0.len(), quantiles }
    }

    /// The text that the plotter of HdrHistogram reads, with milliseconds.
    pub(super) fn percentiles(&self) -> String {
        let mut text =
            format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
        for step in self.0.iter_quantiles(STEPS) {
            let value = step.value_iterated_to() as f64 / 1000.0;
            let (share, count) = (step.quantile_iterated_to(), step.count_since_last_iteration());
            // Writing to a String cannot fail.
            let _ = match share < 1.0 {
                true => writeln!(text, "{value:>12.3} {share:>14.12} {count:>10} {:>14.2}", 1.0 / (1.0 - share)),
                false => writeln!(text, "{value:>12.3} {share:>14.12} {count:>10}"),
            };
        }
        let (mean, deviation) = (self.0.mean() / 1000.0, self.0.stdev() / 1000.0);
        let (max, count) = (self.0.max() as f64 / 1000.0, self.0.len());
        let (buckets, sub_buckets) = (self.0.buckets(), 2048);
        text + &format!(
            "#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]\n\
             #[Max     = {max:>12.3}, Total count    = {count:>12}]\n\
             #[Buckets = {buckets:>12}, SubBuckets     = {sub_buckets:>12}]\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_to_three_digits() {
        let durations = Durations::new((1..=1000).map(|ms| ms * 1000)).unwrap();
        let Distribution { count, quantiles } = durations.distribution();
        assert_eq!(count, 1000);
        for (found, expected) in
            [(quantiles[0], 1.0), (quantiles[5], 500.0), (quantiles[9], 990.0), (quantiles[12], 1000.0)]
        {
            assert!((found / expected - 1.0).abs() < 0.002, "{found} is not {expected}");
        }
        assert_eq!((durations.at_of(50.0, 2001), durations.at_of(99.0, 1011)), (None, None));
        assert!((durations.at_of(50.0, 1900).unwrap() / 950.0 - 1.0).abs() < 0.002, "the missing ones are the slowest");
        let none = Durations::new([]).unwrap();
        assert_eq!(none.at_of(50.0, 7), None);
        assert_eq!((none.at(50.0), none.distribution()), (None, Distribution::default()));
    }

    #[test]
    fn the_file_has_every_duration_in_ascending_order() {
        let text = Durations::new((1..=500).map(|ms| ms * 1000)).unwrap().percentiles();
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .take_while(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|field| field.parse().unwrap()).collect())
            .collect();
        assert!(rows.is_sorted_by(|one, other| one[0] <= other[0] && one[1] <= other[1]));
        assert!((rows[rows.len() - 1][0] - 500.0).abs() < 0.5, "{text}");
        assert!(text.contains("Total count    =          500"), "{text}");
    }
}
