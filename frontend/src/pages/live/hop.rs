//! The hops of an event, and why each takes the time it takes on each route.

use domain::Route;
use domain::api::{HopTimes, Quantiles};

/// Nothing but waiting takes so long, in milliseconds.
const WAITED_MS: f64 = 1_000.0;

/// One part of an event's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// From the browser until the backend has it.
    ToBackend,
    /// From the backend until the consumer has it.
    OnRoute,
    /// In the consumer until it is in the books.
    InStep,
}

impl Hop {
    /// All, in the order an event takes them.
    pub const ALL: [Self; 3] = [Self::ToBackend, Self::OnRoute, Self::InStep];

    /// Where that is.
    pub const fn place(self) -> &'static str {
        match self {
            Self::ToBackend => "at the sender and on the way to the backend",
            Self::OnRoute => "on the route",
            Self::InStep => "in the consumer’s step",
        }
    }

    /// How long it takes.
    pub const fn of(self, times: &HopTimes) -> Option<Quantiles> {
        match self {
            Self::ToBackend => times.to_backend,
            Self::OnRoute => times.on_route,
            Self::InStep => times.in_step,
        }
    }

    /// The one that takes longest for half of the events, and how long, in milliseconds.
    pub fn longest(times: &HopTimes) -> Option<(Self, f64)> {
        let known = Self::ALL.into_iter().filter_map(|hop| Some((hop, hop.of(times)?.p50_ms)));
        known.max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// What takes time there, if it is so many milliseconds.
    pub fn because(self, route: Route, millis: f64) -> &'static str {
        match (self, route) {
            (Self::ToBackend, _) if millis >= WAITED_MS => {
                "senders keep what is refused or cannot be sent, and send it again later"
            }
            (Self::ToBackend, _) => "the sender gathers events into a request, and the network carries it",
            (Self::OnRoute, _) if millis >= WAITED_MS => "events waited there while a part was away or behind",
            (Self::OnRoute, Route::HttpPush) => {
                "one forward is under way at a time, and what arrives meanwhile goes with the next"
            }
            (Self::OnRoute, Route::HttpPoll) => {
                "an event is written to the store’s disk first, then fetched by the consumer’s next question"
            }
            (Self::OnRoute, Route::Kafka) => {
                "the producer waits 2 ms for company, the broker appends to its log, and the consumer fetches from there"
            }
            (Self::InStep, _) => {
                "rules, books and position are one transaction, and the routes take turns at the database"
            }
        }
    }
}
