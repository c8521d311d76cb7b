//! A set of sequence numbers as intervals: a million events in order take as much memory as one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A set of numbers from 1, as disjoint, non-adjacent ranges; written `1-5,8,10-12`.
#[derive(Clone, Debug, Default, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(into = "String", try_from = "String", extend("examples" = ["1-5,8,10-12"], "pattern" = PATTERN))]
pub struct Intervals(BTreeMap<u64, u64>);

/// Of the numbers in a text; that a range does not fall, a pattern cannot say.
const PATTERN: &str = "^([1-9][0-9]{0,14}(-[1-9][0-9]{0,14})?(,[1-9][0-9]{0,14}(-[1-9][0-9]{0,14})?)*)?$";

/// The largest sequence number: what a browser's numbers hold exactly, 2^53 - 1.
pub const MAX_SEQUENCE: u64 = (1 << 53) - 1;

/// The text is no set of intervals.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a list of numbers and ranges such as 1-5,8,10-12")]
pub struct NotIntervals(String);

impl Intervals {
    /// Adds one number (1 to [`MAX_SEQUENCE`]); false if it was there already.
    pub fn insert(&mut self, number: u64) -> bool {
        if self.contains(number) {
            return false;
        }
        self.insert_range(number, number);
        true
    }

    /// Adds all numbers from `first` to `last`, both included.
    pub fn insert_range(&mut self, mut first: u64, mut last: u64) {
        debug_assert!(last <= MAX_SEQUENCE, "{last} is past the largest sequence number");
        if first > last {
            return;
        }
        // Ranges that touch or overlap the new one are merged with it; only the range before `first` can start earlier.
        if let Some((&start, &end)) = self.0.range(..=first).next_back()
            && end + 1 >= first
        {
            first = start;
            last = last.max(end);
        }
        while let Some((&start, &end)) = self.0.range(first..=last + 1).next() {
            last = last.max(end);
            self.0.remove(&start);
        }
        self.0.insert(first, last);
    }

    /// Whether the number is in the set.
    pub fn contains(&self, number: u64) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, &end)| end >= number)
    }

    /// How many numbers are in the set.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start + 1).sum()
    }

    /// Whether the set has no number.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest number, if any.
    pub fn first(&self) -> Option<u64> {
        self.0.first_key_value().map(|(&start, _)| start)
    }

    /// The largest number, if any.
    pub fn last(&self) -> Option<u64> {
        self.0.last_key_value().map(|(_, &end)| end)
    }

    /// The ranges, ascending, both ends included.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0.iter().map(|(&start, &end)| (start, end))
    }

    /// How many ranges the set has: its cost.
    pub fn fragments(&self) -> usize {
        self.0.len()
    }

    /// Whether the number stands beside one of the set: inserting it makes no new range.
    pub fn touches(&self, number: u64) -> bool {
        (number > 1 && self.contains(number - 1)) || self.contains(number + 1)
    }

    /// All numbers in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return if self.is_empty() { other.clone() } else { self.clone() };
        }
        let (mut these, mut those) = (self.ranges().peekable(), other.ranges().peekable());
        let mut all: Vec<(u64, u64)> = Vec::with_capacity(self.fragments() + other.fragments());
        loop {
            let is_that_first = match (these.peek(), those.peek()) {
                (Some(this), Some(that)) => that < this,
                (this, _) => this.is_none(),
            };
            let next = if is_that_first { those.next() } else { these.next() };
            let Some((first, last)) = next else { break };
            match all.last_mut() {
                Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
                _ => all.push((first, last)),
            }
        }
        Self(all.into_iter().collect())
    }

    /// The numbers here that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (mut left, mut others) = (Vec::new(), other.ranges().peekable());
        for (first, last) in self.ranges() {
            while others.next_if(|&(_, end)| end < first).is_some() {}
            let mut next = first;
            while let Some(&(start, end)) = others.peek()
                && start <= last
            {
                if start > next {
                    left.push((next, start - 1));
                }
                next = next.max(end + 1);
                if end > last {
                    // It may reach into the next range as well.
                    break;
                }
                others.next();
            }
            if next <= last {
                left.push((next, last));
            }
        }
        Self(left.into_iter().collect())
    }

    /// The numbers from `first` on.
    #[must_use]
    pub fn starting_at(&self, first: u64) -> Self {
        let mut before = Self::default();
        before.insert_range(1, first.saturating_sub(1));
        self.minus(&before)
    }
}

impl FromIterator<u64> for Intervals {
    fn from_iter<T: IntoIterator<Item = u64>>(numbers: T) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.ranges().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}-{last}")? }
        }
        Ok(())
    }
}

impl FromStr for Intervals {
    type Err = NotIntervals;

    fn from_str(text: &str) -> Result<Self, NotIntervals> {
        let bad = || NotIntervals(text.chars().take(40).collect());
        let mut ranges = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let range = (first.parse::<u64>(), last.parse::<u64>());
            match range {
                (Ok(first @ 1..), Ok(last @ ..=MAX_SEQUENCE)) if first <= last => ranges.push((first, last)),
                _ => return Err(bad()),
            }
        }
        // As a set writes itself: ascending and apart.
        if ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0) {
            // One by one: the code that makes a map as a whole is 2.4 KB of the tracker's download.
            let mut set = BTreeMap::new();
            ranges.into_iter().for_each(|(first, last)| _ = set.insert(first, last));
            return Ok(Self(set));
        }
        let mut set = Self::default();
        for (first, last) in ranges {
            set.insert_range(first, last);
        }
        Ok(set)
    }
}

crate::text::convert_as_text!(Intervals);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(1u64..60, 0..80)
    }

    proptest! {
        #[test]
        fn behaves_like_a_plain_set(numbers in numbers(), other in numbers()) {
            let (mut set, mut naive) = (Intervals::default(), BTreeSet::new());
            for &number in &numbers {
                prop_assert_eq!(set.insert(number), naive.insert(number));
            }
            let other_set: Intervals = other.iter().copied().collect();
            let other_naive: BTreeSet<u64> = other.into_iter().collect();
            let expand = |set: &Intervals| set.ranges().flat_map(|(first, last)| first..=last).collect::<Vec<_>>();

            prop_assert_eq!(set.len(), naive.len() as u64);
            prop_assert_eq!((set.first(), set.last()), (naive.first().copied(), naive.last().copied()));
            prop_assert_eq!(expand(&set), naive.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(expand(&set.union(&other_set)), naive.union(&other_naive).copied().collect::<Vec<_>>());
            prop_assert_eq!(expand(&set.minus(&other_set)), naive.difference(&other_naive).copied().collect::<Vec<_>>());
            for number in 1..60 {
                let touches = naive.contains(&(number - 1)) || naive.contains(&(number + 1));
                prop_assert_eq!(set.touches(number), touches, "{} and {}", set, number);
                let from_there: Vec<u64> = naive.range(number..).copied().collect();
                prop_assert_eq!(expand(&set.starting_at(number)), from_there);
            }
            prop_assert_eq!(set.to_string().parse::<Intervals>().unwrap(), set.clone());
            for ((_, end), (start, _)) in set.ranges().zip(set.ranges().skip(1)) {
                prop_assert!(end + 1 < start, "ranges touch in {}", set);
            }
        }
    }

    #[test]
    fn the_ends_of_the_number_line_are_safe() {
        let mut set: Intervals = [MAX_SEQUENCE, 1].into_iter().collect();
        set.insert(MAX_SEQUENCE - 1);
        assert_eq!(set.len(), 3);
        assert_eq!(set.minus(&set), Intervals::default());
    }

    #[test]
    fn ranges_in_any_order_are_read() {
        for (text, set) in [("9,1-3,2-5", "1-5,9"), ("1-2,3", "1-3"), ("4,4", "4"), ("1-9,3", "1-9")] {
            assert_eq!(text.parse::<Intervals>().unwrap().to_string(), set, "{text}");
        }
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in ["0", "5-1", "a", "1-", "-1", "1;2", "1-9007199254740992"] {
            assert!(text.parse::<Intervals>().is_err(), "{text}");
        }
    }
}
