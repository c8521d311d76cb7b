//! The load, the stack and the faults of a scenario, in a few words.

use domain::api::simulation::Shape;

use super::runs::number_of;
use crate::number::{count, short};
use crate::phrase;
use crate::scenario::{Database, Scenario, TimedFault};

/// The load, in a few words.
pub(crate) fn load(scenario: &Scenario) -> String {
    let load = &scenario.load;
    let shape = match load.shape {
        Shape::Constant => String::new(),
        Shape::Ramp => ", rising from 0".to_owned(),
        Shape::Burst => format!(", with bursts of {} times as many", short(load.burst_factor)),
        Shape::Poisson => ", at random moments".to_owned(),
    };
    let mut text = format!(
        "{} events/s{shape}, from {} for {} s, {} bytes each",
        short(load.rate),
        number_of(load.clients.into(), "client", "clients"),
        load.seconds,
        count(load.event_bytes.into()),
    );
    if load.hot_key_share > 0.0 {
        text += &format!(", {} % of them from one client", short(load.hot_key_share * 100.0));
    }
    if load.batch > 1 {
        text += &format!(", up to {} in one request", load.batch);
    }
    text + if load.retry { "" } else { ", without a second try" }
}

/// The stack, in a few words.
pub(crate) fn stack(scenario: &Scenario) -> String {
    let stack = &scenario.stack;
    let database = match stack.database {
        Database::Sqlite => "SQLite",
        Database::Postgres => "PostgreSQL",
    };
    format!(
        "{}, {} for kafka, {database}, {}",
        number_of(stack.consumers.into(), "consumer", "consumers"),
        number_of(stack.brokers.into(), "broker", "brokers"),
        stack.guarantee.name().replace('-', " "),
    )
}

/// A fault, in a few words.
pub(crate) fn fault(fault: &TimedFault) -> String {
    let end = fault.lasts.map_or_else(|| "until the load ends".to_owned(), |lasts| format!("for {} s", short(lasts)));
    let mut text = format!("{} {} from second {} {end}", fault.kind, fault.part, short(fault.at));
    if let Some(every) = fault.every {
        text += &format!(", anew every {} s or up to {} s later", short(every), short(every / 4.0));
    }
    if fault.routes.is_empty() { text } else { format!("{text} ({} only)", phrase::routes(&fault.routes, "and")) }
}
