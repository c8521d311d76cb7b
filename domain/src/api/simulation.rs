//! `/api/simulation`: the parameters of a simulation, its progress and its result.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ledger::{Balance, Report};
use crate::{ByRoute, RouteChoice};

/// The most clients.
pub const MAX_CLIENTS: u32 = 500;
/// The lowest rate.
pub const MIN_RATE: f64 = 0.1;
/// The highest rate of a simulation from the page, in events per second over all clients; with the route `all` each event goes
/// over each route.
pub const MAX_RATE: f64 = 5_000.0;
/// The highest rate of a simulation in a terminal, which has light clients above [`MAX_RATE`].
pub const MAX_RATE_IN_TERMINAL: f64 = 50_000.0;
/// The longest simulation, in seconds.
pub const MAX_SECONDS: u32 = 600;

/// The parameters of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// How many clients, each a session with an IP of its own.
    #[schemars(range(min = 1, max = MAX_CLIENTS))]
    pub clients: u32,
    /// Events per second over all clients: the mean, or with the shape `ramp` the highest.
    #[schemars(range(min = MIN_RATE, max = MAX_RATE_IN_TERMINAL))]
    pub rate: f64,
    /// How the rate changes with time.
    pub shape: Shape,
    /// By which route.
    pub route: RouteChoice,
    /// How long, in seconds.
    #[schemars(range(min = 1, max = MAX_SECONDS))]
    pub seconds: u32,
    /// The end comes earlier once there are so many events.
    #[schemars(range(min = 1))]
    pub count: Option<u64>,
    /// Over how many seconds the clients come, one after the other; the rate rises with them. Of more seconds than the
    /// simulation lasts, only the beginning is seen.
    #[schemars(range(max = MAX_SECONDS))]
    pub ramp_up_seconds: u32,
    /// The same seed makes the same plan; without one a new one is drawn.
    pub seed: Option<u32>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            clients: 20,
            rate: 100.0,
            shape: Shape::Constant,
            route: RouteChoice::All,
            seconds: 60,
            count: None,
            ramp_up_seconds: 0,
            seed: None,
        }
    }
}

/// A parameter that is out of bounds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` must be {range}")]
pub struct OutOfBounds {
    name: &'static str,
    range: String,
}

impl Parameters {
    /// Checks all bounds of a simulation from the page.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        self.check_up_to(MAX_RATE)
    }

    /// Checks all bounds of a simulation in a terminal.
    pub fn check_in_terminal(&self) -> Result<(), OutOfBounds> {
        self.check_up_to(MAX_RATE_IN_TERMINAL)
    }

    fn check_up_to(&self, max_rate: f64) -> Result<(), OutOfBounds> {
        let whole = |name, value: u32, first: u32, last: u32| {
            let range = format!("a whole number from {first} to {last}");
            if (first..=last).contains(&value) { Ok(()) } else { Err(OutOfBounds { name, range }) }
        };
        whole("clients", self.clients, 1, MAX_CLIENTS)?;
        whole("seconds", self.seconds, 1, MAX_SECONDS)?;
        whole("ramp_up_seconds", self.ramp_up_seconds, 0, MAX_SECONDS)?;
        if !(MIN_RATE..=max_rate).contains(&self.rate) {
            let range = format!("a number from {MIN_RATE} to {max_rate} (events per second)");
            return Err(OutOfBounds { name: "rate", range });
        }
        if self.count == Some(0) {
            return Err(OutOfBounds { name: "count", range: "at least 1, or left out".to_owned() });
        }
        Ok(())
    }
}

/// How the rate changes with time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// The same all the time, events evenly apart.
    #[default]
    Constant,
    /// Rising evenly from 0 to the rate.
    Ramp,
    /// Of every ten seconds two at three times the rate and eight at half of it.
    Burst,
    /// The same on average, with the gaps of a Poisson process, as of many independent people.
    Poisson,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Constant, Self::Ramp, Self::Burst, Self::Poisson];

    /// The name on the wire and the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Ramp => "ramp",
            Self::Burst => "burst",
            Self::Poisson => "poisson",
        }
    }
}

crate::text::display_by_name!(Shape);

/// The text names no shape.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such shape; choose constant, ramp, burst or poisson")]
pub struct UnknownShape;

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(text: &str) -> Result<Self, UnknownShape> {
        Self::ALL.into_iter().find(|shape| shape.name() == text).ok_or(UnknownShape)
    }
}

/// The answer to `GET /api/simulation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SimulationView {
    /// The running simulation, if there is one.
    pub running: Option<Progress>,
    /// The result of the last one.
    pub last: Option<Summary>,
    /// The simulations that run in terminals (`ese simulate`), as they announced themselves within the last seconds.
    #[serde(default)]
    pub announced: Vec<Progress>,
}

/// The most simulations in terminals that are shown at the same time.
pub const MAX_ANNOUNCED: usize = 4;

/// The progress of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Progress {
    /// Its parameters, with the seed.
    pub parameters: Parameters,
    /// Its phase.
    pub phase: Phase,
    /// Seconds since it began.
    pub elapsed_seconds: f64,
    /// Events so far; each goes over each route of the choice.
    pub created: u64,
    /// For each route.
    pub routes: ByRoute<Sent>,
}

/// The phase of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Events are emitted.
    Emitting,
    /// All events are emitted; the queues are sent, and the ledger must become complete.
    Settling,
}

/// The clients' counts of one route, in events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sent {
    /// Numbered for it.
    pub emitted: u64,
    /// Accepted.
    pub accepted: u64,
    /// Refused for good.
    pub rejected: u64,
    /// Dropped because a client's queue was full.
    pub shed: u64,
    /// Not answered yet.
    pub waiting: u64,
    /// The sender's wait: from the first sending of an event until it was accepted.
    pub until_accepted: Option<Times>,
    /// From the first sending of an event until it was in the ledger, by the live stream, which shows a sample of many.
    pub until_processed: Option<Times>,
}

impl From<Report> for Sent {
    /// The counts of a client's own report; what is neither accepted nor refused nor dropped waits.
    fn from(Report { emitted, accepted, rejected, shed }: Report) -> Self {
        let [emitted, accepted, rejected, shed] = [emitted, accepted, rejected, shed].map(|numbers| numbers.len());
        Self { emitted, accepted, rejected, shed, waiting: emitted - accepted - rejected - shed, ..Self::default() }
    }
}

/// A distribution of durations, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Times {
    /// Half are shorter.
    pub p50_ms: f64,
    /// One in a hundred is longer.
    pub p99_ms: f64,
    /// One in a thousand is longer.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// The result of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Summary {
    /// Its parameters, with the seed.
    pub parameters: Parameters,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// For how long events were emitted, in seconds.
    pub emitting_seconds: f64,
    /// How long it took after that until the ledger was complete, in seconds.
    pub settling_seconds: f64,
    /// Events; each went over each route of the choice.
    pub created: u64,
    /// How often a client pressed a key three times within a second: the findings of the rule *steady clicks* on each route.
    pub bursts: u64,
    /// Orders that were created and not completed: the findings of the rule *stuck orders* on each route.
    pub orders_left: u64,
    /// How much later than planned events were emitted; the machine's fault, and part of `queued`.
    pub lateness: Option<Times>,
    /// In the clients' own queues: from the moment an event was due until it was first sent, over all routes; part of no
    /// route's times.
    pub queued: Option<Times>,
    /// The clients' counts, for each route.
    pub routes: ByRoute<Sent>,
    /// The ledger's balance of these clients' sessions, for each route.
    pub ledger: ByRoute<Balance>,
    /// Errors, in sentences; empty if the ledger is exact and complete.
    pub failures: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Route;

    #[test]
    fn what_is_left_out_has_a_default_and_what_is_not_known_is_refused() {
        let given: Parameters = serde_json::from_str(r#"{"rate": 7, "shape": "burst", "route": "kafka"}"#).unwrap();
        let expected = Parameters {
            rate: 7.0,
            shape: Shape::Burst,
            route: RouteChoice::One(Route::Kafka),
            ..Parameters::default()
        };
        assert_eq!(given, expected);
        assert!(serde_json::from_str::<Parameters>(r#"{"speed": 7}"#).is_err());
        for shape in Shape::ALL {
            assert_eq!(shape.name().parse(), Ok(shape));
            assert_eq!(serde_json::to_value(shape).unwrap(), shape.name());
        }
    }

    #[test]
    fn bounds_are_kept_and_named() {
        let good = Parameters::default();
        assert_eq!(good.check(), Ok(()));
        let error = |parameters: Parameters| parameters.check().unwrap_err().to_string();
        assert_eq!(error(Parameters { clients: 501, ..good }), "`clients` must be a whole number from 1 to 500");
        assert_eq!(error(Parameters { rate: f64::NAN, ..good }), error(Parameters { rate: 5_001.0, ..good }));
        let fast = |rate| Parameters { rate, ..good }.check_in_terminal();
        assert_eq!(fast(50_000.0), Ok(()));
        assert_eq!(
            fast(50_001.0).unwrap_err().to_string(),
            "`rate` must be a number from 0.1 to 50000 (events per second)"
        );
        assert_eq!(error(Parameters { seconds: 0, ..good }), "`seconds` must be a whole number from 1 to 600");
        assert_eq!(
            error(Parameters { ramp_up_seconds: 601, ..good }),
            "`ramp_up_seconds` must be a whole number from 0 to 600"
        );
        assert_eq!(error(Parameters { count: Some(0), ..good }), "`count` must be at least 1, or left out");
    }
}
