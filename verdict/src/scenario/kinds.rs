//! The kinds of faults that a scenario can have, the parts of each, and their numbers.

use super::{Database, Stack};

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The groups of parts or connections that can have it.
    of: &'static [&'static [&'static str]],
    /// The numbers that can be set.
    pub numbers: &'static [Number],
}

/// A number of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its name; the unit is its end.
    pub name: &'static str,
    /// The smallest value.
    pub least: u32,
    /// The largest value.
    pub most: u32,
}

/// The kind that only scenarios have: no sender reaches the backend.
pub const OFFLINE: &str = "offline";

/// All kinds; those of `ese fault list`, with the same numbers, and [`OFFLINE`].
pub const ALL: [Kind; 13] = [
    Kind { name: "kill", of: &[CONSUMERS, PROCESSES], numbers: &[] },
    Kind { name: "stop", of: &[CONSUMERS], numbers: &[] },
    Kind { name: "pause", of: &[CONSUMERS, PROCESSES], numbers: &[] },
    Kind { name: "slow-events", of: &[CONSUMERS], numbers: &[number("event_ms", 1, 1_000)] },
    Kind { name: "slow-commits", of: &[&["backend"], CONSUMERS], numbers: &[number("commit_ms", 1, 3_000)] },
    Kind { name: "mail-later", of: &[&["inbox"]], numbers: &[] },
    Kind { name: "mail-refused", of: &[&["inbox"]], numbers: &[] },
    Kind { name: "slow-mail", of: &[&["inbox"]], numbers: &[number("mail_ms", 1, 8_000)] },
    Kind {
        name: "latency",
        of: &[CONNECTIONS],
        numbers: &[number("latency_ms", 1, 1_000), number("jitter_ms", 0, 200)],
    },
    Kind { name: "bandwidth", of: &[CONNECTIONS], numbers: &[number("kib_per_second", 4, 100_000)] },
    Kind { name: "reset", of: &[CONNECTIONS], numbers: &[] },
    Kind { name: "cut", of: &[CONNECTIONS], numbers: &[] },
    Kind { name: OFFLINE, of: &[&["senders"]], numbers: &[] },
];

const CONSUMERS: &[&str] = &["consumer", "consumer-2", "consumer-3", "consumer-4"];
/// The parts with processes, apart from consumers.
const PROCESSES: &[&str] =
    &["backend", "mailer", "inbox", "broker", "broker-1", "broker-2", "broker-3", "leader", "postgres"];
const CONNECTIONS: &[&str] = &[
    "senders-backend",
    "backend-consumer",
    "consumer-backend",
    "mailer-inbox",
    "backend-broker",
    "consumer-broker",
    "mailer-broker",
    "route",
];

const fn number(name: &'static str, least: u32, most: u32) -> Number {
    Number { name, least, most }
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|kind| kind.name == name)
    }

    /// The names of all kinds, for an error.
    pub fn names() -> String {
        ALL.map(|kind| kind.name).join(", ")
    }

    /// The names of the parts or connections that can have it.
    pub fn targets(&self) -> Vec<&'static str> {
        self.of.concat()
    }

    /// Whether it stops the process: two such faults of one part cannot overlap.
    pub fn stops_the_process(&self) -> bool {
        matches!(self.name, "kill" | "stop" | "pause")
    }
}

/// The reason why this stack has no such part.
pub(super) fn missing(part: &str, stack: &Stack) -> Option<&'static str> {
    let databases = [Some(stack.database), stack.store_database];
    let consumers = CONSUMERS.iter().position(|&name| name == part).map_or(0, |index| index + 1);
    match part {
        _ if consumers > usize::from(stack.consumers) => Some("`stack.consumers` is smaller"),
        "broker" if stack.brokers == 3 => Some("a cluster has `broker-1`, `broker-2`, `broker-3` and `leader`"),
        "leader" | "broker-1" | "broker-2" | "broker-3" if stack.brokers != 3 => Some("it needs `stack.brokers` = 3"),
        "postgres" if !databases.contains(&Some(Database::Postgres)) => {
            Some("it needs `stack.database` or `stack.store_database` = \"postgres\"")
        }
        _ => None,
    }
}
