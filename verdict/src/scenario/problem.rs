//! The values that are out of bounds, each with its field.

use std::fmt;
use std::ops::RangeInclusive;

use domain::Route;

/// A value out of bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field, such as `fault.0.at`.
    pub(super) path: String,
    /// What it must be, and what it is.
    text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", without_numbers(&self.path), self.text)
    }
}

/// The values out of bounds that were found.
pub(super) struct Found(pub(super) Vec<Problem>);

impl Found {
    /// Notes the field unless the rule holds.
    pub(super) fn require(&mut self, holds: bool, path: impl Into<String>, text: impl Into<String>) {
        if !holds {
            self.0.push(Problem { path: path.into(), text: text.into() });
        }
    }

    /// Requires a number of this range. No NaN is within any range.
    pub(super) fn number<T>(&mut self, path: &str, value: T, range: RangeInclusive<T>, unit: &str)
    where
        T: PartialOrd + fmt::Display,
    {
        let text = format!("must be from {} to {} {unit}, not {value}", range.start(), range.end());
        self.require(range.contains(&value), path, text);
    }
}

/// Whether each route is there once.
pub(super) fn are_distinct(routes: &[Route]) -> bool {
    routes.iter().enumerate().all(|(index, route)| !routes[..index].contains(route))
}

/// A path without the numbers of list items: `fault.at`.
pub(super) fn without_numbers(path: &str) -> String {
    let names = path.split('.').filter(|name| name.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}
