//! The guarantee of a route: how often an accepted event has its effects.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::route::UnknownRoute;
use crate::{ByRoute, Route};

/// How often an accepted event has its effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// No acknowledgement is awaited, the position moves before the effects, and nothing is deduplicated.
    AtMostOnce,
    /// Acknowledged; the position moves after the effects, and nothing is deduplicated.
    AtLeastOnce,
    /// Acknowledged; the position moves with the effects, and a number that was seen before has no effect.
    #[default]
    EffectivelyOnce,
}

impl Guarantee {
    /// All three, the weakest first.
    pub const ALL: [Self; 3] = [Self::AtMostOnce, Self::AtLeastOnce, Self::EffectivelyOnce];

    /// The name on every wire, page and command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at-most-once",
            Self::AtLeastOnce => "at-least-once",
            Self::EffectivelyOnce => "effectively-once",
        }
    }

    /// The expectation, in one sentence.
    pub const fn expectation(self) -> &'static str {
        match self {
            Self::AtMostOnce => {
                "An accepted event can be lost: nobody waits for an acknowledgement, and the position moves before the effects."
            }
            Self::AtLeastOnce => {
                "No accepted event is lost, but an event that comes again, after a crash or a lost answer, has its effects again."
            }
            Self::EffectivelyOnce => "No accepted event is lost, and a numbered event that comes again has no effect.",
        }
    }

    /// Whether a number that was seen before has no effect.
    pub const fn deduplicates(self) -> bool {
        matches!(self, Self::EffectivelyOnce)
    }

    /// The same guarantee on every route.
    pub fn on_all_routes(self) -> ByRoute<Self> {
        Route::ALL.map(|route| (route, self)).into()
    }
}

/// The text names no guarantee.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownGuarantee {
    /// No such guarantee.
    #[error("there is no guarantee `{0}`; choose at-most-once, at-least-once or effectively-once")]
    Name(String),
    /// No such route.
    #[error(transparent)]
    Route(#[from] UnknownRoute),
}

impl FromStr for Guarantee {
    type Err = UnknownGuarantee;

    fn from_str(text: &str) -> Result<Self, UnknownGuarantee> {
        let known = Self::ALL.into_iter().find(|guarantee| guarantee.name() == text);
        known.ok_or_else(|| UnknownGuarantee::Name(text.chars().take(40).collect()))
    }
}

crate::text::display_by_name!(Guarantee);

/// Reads one guarantee for all routes, or `ROUTE=GUARANTEE,…`; a route that is left out has the default.
pub fn of_routes(text: &str) -> Result<ByRoute<Guarantee>, UnknownGuarantee> {
    if !text.contains('=') {
        return text.parse().map(Guarantee::on_all_routes);
    }
    let mut all = Guarantee::default().on_all_routes();
    for (route, guarantee) in text.split(',').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        all.insert(route.parse()?, guarantee.parse()?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_back() {
        for guarantee in Guarantee::ALL {
            assert_eq!(guarantee.name().parse(), Ok(guarantee));
            assert_eq!(serde_json::to_value(guarantee).unwrap(), guarantee.name());
        }
    }

    #[test]
    fn one_for_all_routes_or_one_for_each() {
        assert_eq!(of_routes("at-most-once"), Ok(Guarantee::AtMostOnce.on_all_routes()));
        let some = of_routes("http-push=at-most-once,kafka=at-least-once").unwrap();
        let expected = [Guarantee::AtMostOnce, Guarantee::EffectivelyOnce, Guarantee::AtLeastOnce];
        assert!(some.values().eq(&expected), "{some:?}");
        let error = |text| of_routes(text).unwrap_err().to_string();
        assert_eq!(
            error("exactly-once"),
            "there is no guarantee `exactly-once`; choose at-most-once, at-least-once or effectively-once"
        );
        assert!(error("kafka=at-least-once,http-poll").starts_with("there is no guarantee ``"));
        assert!(error("pigeon=at-least-once").starts_with("there is no route `pigeon`"));
    }
}
