//! The exact distribution of Mann's and Whitney's U.

/// How many pairs the interval leaves out at each end, and its confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranks {
    pub left_out: usize,
    pub confidence: f64,
}

impl Ranks {
    /// The narrowest interval with at least this confidence, else the widest.
    pub(super) fn new(a: usize, b: usize, least: f64) -> Self {
        let mut tail = 0.0;
        let mut found = None;
        for (left_out, chance) in chances(a, b).into_iter().enumerate() {
            tail += chance;
            let ranks = Self { left_out, confidence: (1.0 - 2.0 * tail).max(0.0) };
            if found.is_some() && ranks.confidence < least {
                break;
            }
            found = Some(ranks);
        }
        found.unwrap_or(Self { left_out: 0, confidence: 0.0 })
    }
}

/// The chance of each value of U, from 0 to `a × b`, for two samples of one continuous distribution. U counts the pairs in
/// which the value of `a` is the larger one. The largest of all values is as likely each of the `a + b`: if it belongs to `a`,
/// it is larger than all of `b`.
fn chances(a: usize, b: usize) -> Vec<f64> {
    let mut rows = vec![vec![1.0]; b + 1];
    for i in 1..=a {
        rows[0] = vec![1.0];
        for j in 1..=b {
            let share = i as f64 / (i + j) as f64;
            let mut next = vec![0.0; i * j + 1];
            rows[j].iter().enumerate().for_each(|(u, chance)| next[u + j] += share * chance);
            rows[j - 1].iter().enumerate().for_each(|(u, chance)| next[u] += (1.0 - share) * chance);
            rows[j] = next;
        }
    }
    rows.swap_remove(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chances_are_those_of_the_tables() {
        let near = |found: &[f64], whole: f64, counts: &[f64]| {
            found.iter().zip(counts).all(|(found, count)| (found * whole - count).abs() < 1e-9)
        };
        assert!(near(&chances(2, 2), 6.0, &[1.0, 1.0, 2.0, 1.0, 1.0]));
        assert!(near(&chances(5, 5), 252.0, &[1.0, 1.0, 2.0, 3.0, 5.0, 7.0]));
        assert!((chances(5, 4).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(chances(3, 5).len(), 16);
    }

    #[test]
    fn the_confidence_of_few_runs_is_the_documented_one() {
        let of = |a, b| (Ranks::new(a, b, 0.98).left_out, (Ranks::new(a, b, 0.98).confidence * 1000.0).round() / 10.0);
        assert_eq!([of(5, 5), of(5, 4), of(5, 3), of(4, 4)], [(1, 98.4), (0, 98.4), (0, 96.4), (0, 97.1)]);
        assert_eq!([of(4, 3), of(3, 3), of(2, 2), of(1, 1)], [(0, 94.3), (0, 90.0), (0, 66.7), (0, 0.0)]);
        assert_eq!(of(10, 10), (19, 98.1));
    }
}
