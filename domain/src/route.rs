//! The three routes from the backend to the consumer, and the choice among them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the three routes; this order is used everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// The backend forwards to the consumer over HTTP.
    HttpPush,
    /// The backend stores, the consumer polls with a cursor.
    HttpPoll,
    /// The backend produces to a topic, the consumer is in a group.
    Kafka,
}

impl Route {
    /// All three, in their order.
    pub const ALL: [Self; 3] = [Self::HttpPush, Self::HttpPoll, Self::Kafka];

    /// The name on every wire, page and label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpPush => "http-push",
            Self::HttpPoll => "http-poll",
            Self::Kafka => "kafka",
        }
    }
}

/// The routes that a client chooses: one, or all of them with the same events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, schemars::JsonSchema)]
#[schemars(into = "String", try_from = "String", extend("enum" = ["http-push", "http-poll", "kafka", "all"]))]
pub enum RouteChoice {
    /// Over this route alone.
    One(Route),
    /// Each event over every route, to compare them on identical input.
    All,
}

impl RouteChoice {
    /// The routes chosen, in their order.
    pub const fn routes(self) -> &'static [Route] {
        match self {
            Self::One(Route::HttpPush) => &[Route::HttpPush],
            Self::One(Route::HttpPoll) => &[Route::HttpPoll],
            Self::One(Route::Kafka) => &[Route::Kafka],
            Self::All => &Route::ALL,
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One(route) => route.name(),
            Self::All => "all",
        }
    }
}

/// The text names no route.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no route `{0}`; choose http-push, http-poll, kafka or all")]
pub struct UnknownRoute(String);

impl UnknownRoute {
    fn new(text: &str) -> Self {
        Self(text.chars().take(40).collect())
    }
}

impl FromStr for Route {
    type Err = UnknownRoute;

    fn from_str(text: &str) -> Result<Self, UnknownRoute> {
        Self::ALL.into_iter().find(|route| route.name() == text).ok_or_else(|| UnknownRoute::new(text))
    }
}

impl FromStr for RouteChoice {
    type Err = UnknownRoute;

    fn from_str(text: &str) -> Result<Self, UnknownRoute> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

crate::text::display_by_name!(Route, RouteChoice);
crate::text::convert_as_text!(RouteChoice);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_back() {
        for choice in Route::ALL.map(RouteChoice::One).into_iter().chain([RouteChoice::All]) {
            assert_eq!(choice.name().parse(), Ok(choice));
        }
        assert_eq!(
            "carrier-pigeon".parse::<RouteChoice>().unwrap_err().to_string(),
            "there is no route `carrier-pigeon`; choose http-push, http-poll, kafka or all"
        );
    }
}
