//! A scenario: a question, a load, a stack, faults on a timeline, and predictions.

mod check;
mod fields;
pub mod kinds;
mod parse;
mod problem;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use domain::Route;
use domain::api::MAX_BATCH_EVENTS;
use domain::api::simulation::{MAX_CLIENTS, MAX_SECONDS, Shape};
use domain::event::MAX_DATA_BYTES;
use domain::guarantee::Guarantee;
use serde::{Deserialize, Serialize};

use crate::Criterion;

pub use parse::ScenarioError;

/// Events per second, in a burst as well.
pub const RATE: RangeInclusive<f64> = 0.1..=2_000.0;
/// The rate of a burst, as a multiple of the rate.
pub const BURST_FACTOR: RangeInclusive<f64> = 1.0..=100.0;
/// Clients.
pub const CLIENTS: RangeInclusive<u32> = 1..=MAX_CLIENTS;
/// Events of one request.
pub const EVENTS_OF_A_REQUEST: RangeInclusive<u32> = 1..=MAX_BATCH_EVENTS as u32;
/// The size of an event's data, in bytes of JSON.
pub const EVENT_BYTES: RangeInclusive<u32> = 32..=MAX_DATA_BYTES as u32;
/// The load's time, in seconds.
pub const SECONDS: RangeInclusive<u32> = 2..=MAX_SECONDS;
/// Consumers.
pub const CONSUMERS: RangeInclusive<u32> = 1..=4;
/// The time that http-poll's store keeps an event, in seconds.
pub const STORE_TTL_SECONDS: RangeInclusive<u32> = 1..=86_400;

/// A scenario, as its file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: lower-case letters, digits and hyphens, at most 40.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,39}$"))]
    pub name: String,
    /// The question that it answers, in one or two sentences.
    pub question: String,
    /// The meaning of the outcome, for a reader who never saw Kafka; at most 120 words.
    pub lesson: String,
    /// The load.
    pub load: Load,
    /// The stack.
    #[serde(default)]
    pub stack: Stack,
    /// The faults, in the order of their starts.
    #[serde(default, rename = "fault")]
    pub faults: Vec<TimedFault>,
    /// A second, independent consumer that starts late and wants the earlier events.
    #[serde(default)]
    pub second_reader: Option<SecondReader>,
    /// The best routes for each criterion, as predicted before the first run.
    #[serde(default)]
    pub predict: BTreeMap<Criterion, Prediction>,
}

/// An open-loop load: the schedule waits for no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Load {
    /// Events per second over all clients; with the shape `ramp` the highest, with `burst` the rate between bursts.
    #[schemars(range(min = *RATE.start(), max = *RATE.end()))]
    pub rate: f64,
    /// How the rate changes with time.
    pub shape: Shape,
    /// With the shape `burst`: the rate of the two busy seconds of every ten, as a multiple of `rate`.
    #[schemars(range(min = *BURST_FACTOR.start(), max = *BURST_FACTOR.end()))]
    pub burst_factor: f64,
    /// How many clients, each with a session and an address of its own; the address is the key of its events.
    #[schemars(range(min = *CLIENTS.start(), max = *CLIENTS.end()))]
    pub clients: u32,
    /// The share of all events that the first client sends, from 0 to 1; 0 means an even share.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub hot_key_share: f64,
    /// The most events of one request while a client has more to send; 1 means that no event waits for another.
    #[schemars(range(min = *EVENTS_OF_A_REQUEST.start(), max = *EVENTS_OF_A_REQUEST.end()))]
    pub batch: u32,
    /// The size of an event's data, in bytes.
    #[schemars(range(min = *EVENT_BYTES.start(), max = *EVENT_BYTES.end()))]
    pub event_bytes: u32,
    /// How long, in seconds.
    #[schemars(range(min = *SECONDS.start(), max = *SECONDS.end()))]
    pub seconds: u32,
    /// Whether a sender keeps a refused event and tries again. Without it, a refused event is given up.
    pub retry: bool,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            rate: 100.0,
            shape: Shape::Constant,
            burst_factor: 3.0,
            clients: 20,
            hot_key_share: 0.0,
            batch: 1,
            event_bytes: 200,
            seconds: 20,
            retry: true,
        }
    }
}

/// The stack of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stack {
    /// How many Kafka brokers the route kafka gets: 1 or 3. The HTTP routes get none.
    #[schemars(extend("enum" = [1, 3]))]
    pub brokers: u8,
    /// How many consumers, 1 to 4; more than one need PostgreSQL. http-push always uses the first alone.
    #[schemars(range(min = *CONSUMERS.start(), max = *CONSUMERS.end()))]
    pub consumers: u8,
    /// The database of the consumer and the mailer.
    pub database: Database,
    /// The database of http-poll's store; by default the same.
    pub store_database: Option<Database>,
    /// How long http-poll's store keeps an event, in seconds.
    #[schemars(range(min = *STORE_TTL_SECONDS.start(), max = *STORE_TTL_SECONDS.end()))]
    pub store_ttl_seconds: u32,
    /// How often an accepted event has its effects.
    pub guarantee: Guarantee,
}

impl Default for Stack {
    fn default() -> Self {
        Self {
            brokers: 1,
            consumers: 1,
            database: Database::Sqlite,
            store_database: None,
            store_ttl_seconds: 600,
            guarantee: Guarantee::EffectivelyOnce,
        }
    }
}

/// A database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// A file of each service.
    #[default]
    Sqlite,
    /// A server.
    Postgres,
}

/// A fault on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimedFault {
    /// Its start, in seconds since the load began. A fault at 0 is in effect before the load begins.
    pub at: f64,
    /// How long it lasts, in seconds; without it the fault lasts until the end of the load.
    #[serde(default, rename = "for")]
    pub lasts: Option<f64>,
    /// A kind of `ese fault list`; or `offline` with the part `senders`: no sender reaches the backend.
    pub kind: String,
    /// The part or connection: a name of `ese fault list`; `leader`: the broker that leads the first partition; `route`: the
    /// connection that carries this route's events away from the backend.
    pub part: String,
    /// The fault is started anew each so many seconds as long as it lasts, and ended after half of this time. Each start is late by
    /// up to a quarter of this time, as the seed decides, so that the faults do not fall into step with the services.
    #[serde(default)]
    pub every: Option<f64>,
    /// The numbers of the fault; those left out have the defaults of `ese fault list`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, u32>,
    /// The routes that have the fault; without it all. A broker is only there for kafka.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// A consumer with a database and a group of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondReader {
    /// Its start, in seconds since the load began.
    pub at: f64,
}

/// The routes that are predicted to be best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "expected \"same\" or a list of routes: http-push, http-poll, kafka")]
pub enum Prediction {
    /// No practical difference between any two routes.
    Same(Same),
    /// These routes, which are practically the same, are better than all others.
    Best(Vec<Route>),
}

/// The word `same`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Same {
    /// No practical difference.
    Same,
}
