//! The hops of an event behind the backend, and the reason for the time of each on each route.

use domain::Route;
use domain::api::{HopTimes, Quantiles};

/// From this time on, in milliseconds, events were waiting.
const WAITED_MS: f64 = 1_000.0;

/// One hop of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// From the backend until the consumer has it.
    OnRoute,
    /// In the consumer until it is in the ledger.
    InStep,
}

impl Hop {
    /// All, in the order an event takes them.
    pub const ALL: [Self; 2] = [Self::OnRoute, Self::InStep];

    /// The place of the hop, as text.
    pub const fn place(self) -> &'static str {
        match self {
            Self::OnRoute => "on the route",
            Self::InStep => "in the consumer’s step",
        }
    }

    /// Its time.
    pub const fn of(self, times: &HopTimes) -> Option<Quantiles> {
        match self {
            Self::OnRoute => times.on_route,
            Self::InStep => times.in_step,
        }
    }

    /// The hop with the largest median, and that median in milliseconds.
    pub fn longest(times: &HopTimes) -> Option<(Self, f64)> {
        let known = Self::ALL.into_iter().filter_map(|hop| Some((hop, hop.of(times)?.p50_ms)));
        known.max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// The reason for its time, for so many milliseconds.
    pub fn because(self, route: Route, millis: f64) -> &'static str {
        match (self, route) {
            (Self::OnRoute, _) if millis >= WAITED_MS => "events waited there while a part was away or behind",
            (Self::OnRoute, Route::HttpPush) => {
                "one forward is under way at a time, and what arrives meanwhile goes with the next"
            }
            (Self::OnRoute, Route::HttpPoll) => {
                "an event is written to the store’s disk first, then fetched by the consumer’s next poll"
            }
            (Self::OnRoute, Route::Kafka) => {
                "what arrives while two requests are under way goes with the next, the broker appends to its log, and the consumer fetches from there"
            }
            (Self::InStep, _) => {
                "rules, ledger and position are one transaction, and the routes take turns at the database"
            }
        }
    }
}
