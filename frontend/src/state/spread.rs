//! Labels beside the ends of lines, moved apart until none covers another.

use super::scale::HEIGHT;

/// The height of a label, in the chart's units.
const LABEL: i64 = 130;

/// Moves three places apart, as little as needed, keeping their order; those that are alike stand in the routes' order.
pub(super) fn apart(places: [Option<i64>; 3]) -> [Option<i64>; 3] {
    // Three are sorted by hand: the library's sort is larger than this module.
    let mut order = [0, 1, 2];
    for (one, other) in [(0, 1), (1, 2), (0, 1)] {
        if places[order[one]] > places[order[other]] {
            order.swap(one, other);
        }
    }
    let known = || order.into_iter().filter(|&index| places[index].is_some());
    let mut moved = places;
    let mut least = 0;
    for index in known() {
        moved[index] = moved[index].map(|place| place.max(least));
        least = moved[index].unwrap_or(0) + LABEL;
    }
    let mut most = HEIGHT;
    for index in known().rev() {
        moved[index] = moved[index].map(|place| place.min(most));
        most = moved[index].unwrap_or(HEIGHT) - LABEL;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_covers_another() {
        assert_eq!(apart([Some(100), Some(500), Some(900)]), [Some(100), Some(500), Some(900)]);
        assert_eq!(apart([Some(500), Some(500), Some(500)]), [Some(500), Some(630), Some(760)]);
        assert_eq!(apart([Some(1000), Some(1000), Some(1000)]), [Some(740), Some(870), Some(1000)]);
        assert_eq!(apart([Some(20), None, Some(0)]), [Some(130), None, Some(0)]);
        assert_eq!(apart([None; 3]), [None; 3]);
    }
}
