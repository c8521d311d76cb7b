//! Chooses a broker from the option, the installed programs and the earlier use of the data directory. Pure.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};

use super::installed::Installed;

/// The oldest Java that Apache Kafka 4 runs on.
const OLDEST_JAVA: u32 = 17;

const USED_BEFORE: &str = "this data directory was used with it before";

/// The name of the part where there is one broker.
pub const BROKER: &str = "broker";

/// Reads the number of brokers, as a clap value parser.
pub fn brokers(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => Err("give 1 or 3".to_owned()),
    }
}

/// Reads `HOST:PORT[,HOST:PORT…]`, as a clap value parser.
pub fn addresses(text: &str) -> Result<String, String> {
    match text.parse() {
        Ok(BrokerChoice::Address(addresses)) => Ok(addresses),
        _ => Err("give HOST:PORT[,HOST:PORT…]".to_owned()),
    }
}

/// The value of `--broker`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerChoice {
    /// The best that is installed.
    Auto,
    /// Apache Kafka.
    Apache,
    /// nisshi.
    Nisshi,
    /// Those that run at `HOST:PORT[,HOST:PORT…]`.
    Address(String),
}

/// The value is neither the name of a broker nor an address.
#[derive(Debug, thiserror::Error)]
#[error("give auto, apache, nisshi or HOST:PORT[,HOST:PORT…]")]
pub struct NoBroker;

impl FromStr for BrokerChoice {
    type Err = NoBroker;

    fn from_str(text: &str) -> Result<Self, NoBroker> {
        match text {
            "auto" => Ok(Self::Auto),
            "apache" => Ok(Self::Apache),
            "nisshi" => Ok(Self::Nisshi),
            _ => {
                let is_sound = |address: &str| {
                    let (host, port) = address.rsplit_once(':')?;
                    let port: u16 = port.parse().ok()?;
                    Some(!host.is_empty() && port > 0 && !host.contains([' ', '/']))
                };
                let all = text.split(',').all(|address| is_sound(address) == Some(true));
                all.then(|| Self::Address(text.to_owned())).ok_or(NoBroker)
            }
        }
    }
}

/// Which broker keeps the records of a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Apache Kafka.
    Apache,
    /// nisshi.
    Nisshi,
    /// One that runs elsewhere.
    Address,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apache => "apache",
            Self::Nisshi => "nisshi",
            Self::Address => "address",
        })
    }
}

/// The chosen broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Apache Kafka, to be started.
    Apache {
        /// The Java program.
        java: PathBuf,
        /// The directory of its jars.
        jars: PathBuf,
        /// Its version.
        version: String,
    },
    /// nisshi, to be started.
    Nisshi {
        /// The program.
        program: PathBuf,
    },
    /// One that runs elsewhere.
    Address(String),
}

impl Choice {
    /// Which kind of broker it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Apache { .. } => Kind::Apache,
            Self::Nisshi { .. } => Kind::Nisshi,
            Self::Address(_) => Kind::Address,
        }
    }
}

/// Chooses a broker; the text is the reason, as a sentence. `kept` is the broker of the earlier use of the data directory.
pub fn choose(wanted: &BrokerChoice, installed: &Installed, kept: Option<Kind>) -> anyhow::Result<(Choice, String)> {
    let (apache, nisshi) = (apache(installed), nisshi(installed));
    let no_apache = |lack: String| anyhow!("Apache Kafka cannot be started ({lack}): run `cargo xtask setup apache`");
    let no_nisshi = "nisshi is not installed: run `cargo xtask setup nisshi`";
    let (choice, why) = match (wanted, kept) {
        (BrokerChoice::Address(address), _) => {
            (Choice::Address(address.clone()), "you gave its address; faults of the broker are left out")
        }
        (BrokerChoice::Apache, _) => (apache.map_err(no_apache)?, "you asked for it"),
        (BrokerChoice::Nisshi, _) => (nisshi.context(no_nisshi)?, "you asked for it"),
        (BrokerChoice::Auto, Some(Kind::Apache)) => (apache.map_err(no_apache)?, USED_BEFORE),
        (BrokerChoice::Auto, Some(Kind::Nisshi)) => (nisshi.context(no_nisshi)?, USED_BEFORE),
        (BrokerChoice::Auto, Some(Kind::Address) | None) => match (apache, nisshi) {
            (Ok(apache), _) => (apache, "it is installed, with a Java to run it"),
            (Err(lack), None) => bail!(
                "no Kafka broker is installed ({lack}): run `cargo xtask setup broker`, or give --broker HOST:PORT"
            ),
            (Err(_), Some(nisshi)) => (nisshi, "it is installed, and Apache Kafka with Java 17 is not"),
        },
    };
    let (kind, reason) = (choice.kind(), format!("{choice}, because {why}"));
    match kept {
        Some(kept) if kept != kind => bail!(
            "this data directory was used with another broker ({kept}) than the one asked for ({kind}), and its \
             databases hold the positions of that one: give another --data-dir, or --broker {kept}"
        ),
        _ => Ok((choice, reason)),
    }
}

fn apache(installed: &Installed) -> Result<Choice, String> {
    let (version, jars) = installed.kafka.clone().ok_or("its jars are not there")?;
    match installed.java.clone() {
        None => Err("there is no Java".to_owned()),
        Some((_, major)) if major < OLDEST_JAVA => Err(format!("Java is {major}, it needs {OLDEST_JAVA}")),
        Some((java, _)) => Ok(Choice::Apache { java, jars, version }),
    }
}

fn nisshi(installed: &Installed) -> Option<Choice> {
    installed.nisshi.clone().map(|program| Choice::Nisshi { program })
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apache { version, .. } => write!(f, "Apache Kafka {version}"),
            Self::Nisshi { .. } => f.write_str("nisshi"),
            Self::Address(address) => write!(f, "the broker at {address}"),
        }
    }
}

#[cfg(test)]
mod tests;
