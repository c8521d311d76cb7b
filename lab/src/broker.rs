//! The Kafka broker: which one, why, how it is started, and when it is ready.

pub mod apache;
pub mod choice;
mod installed;
pub mod nisshi;
pub mod ready;
pub mod serve;

pub use choice::{BrokerChoice, Choice, Kind, Unavailable, choose};
pub use installed::{Installed, look};

use std::io;
use std::path::{Path, PathBuf};

use crate::stack::ports;
use crate::supervise::Recipe;

/// Why a broker could not be chosen or prepared.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// None fits.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A file it needs.
    #[error("{path} cannot be written: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Apache Kafka's storage could not be made.
    #[error("Apache Kafka's storage could not be formatted: {0}")]
    Format(String),
    /// The port asked for.
    #[error(transparent)]
    Taken(#[from] ports::Taken),
    /// No free port.
    #[error("there is no free port for the broker: {0}")]
    Port(io::Error),
}

/// The broker of a data directory, chosen and prepared.
#[derive(Debug)]
pub struct Broker {
    /// `HOST:PORT` for Kafka clients.
    pub address: String,
    /// How to start it; nothing to start if it runs elsewhere.
    pub recipe: Option<Recipe>,
    /// Which one and why, as a sentence.
    pub reason: String,
}

/// Chooses a broker for `data_dir` and prepares it to listen on `port` of 127.0.0.1, or on a free one if that is 0.
pub async fn prepare(wish: &BrokerChoice, data_dir: &Path, port: u16) -> Result<Broker, BrokerError> {
    let home = data_dir.join("broker");
    let kept = home.join("kind");
    let (choice, reason) = choose(wish, &look(), kind_of(&kept))?;
    let kind = choice.kind();
    let [free, controller] = ports::pick().map_err(BrokerError::Port)?;
    let own_port = || match port {
        0 => Ok(free),
        port => ports::check(port).map(|()| port),
    };
    let here = |port| format!("127.0.0.1:{port}");
    let log = data_dir.join("logs/broker.log");
    let (address, recipe) = match choice {
        Choice::Address(address) => (address, None),
        Choice::Apache { java, jars, .. } => {
            let port = own_port()?;
            let apache = apache::Apache { java, jars, dir: home.join("apache"), port, controller };
            (here(port), Some(apache.recipe(log).await?))
        }
        Choice::Nisshi { program } => {
            let port = own_port()?;
            (here(port), Some(nisshi::recipe(program, &home.join("nisshi"), port, log)?))
        }
    };
    write(&kept, kind.to_string().as_bytes())?;
    Ok(Broker { address, recipe, reason })
}

/// Which broker the data directory was used with before: the services' books name its offsets.
fn kind_of(kept: &Path) -> Option<Kind> {
    std::fs::read_to_string(kept).ok()?.trim().parse().ok()
}

/// Writes a file whole or not at all, and the directories above it.
fn write(path: &Path, content: &[u8]) -> Result<(), BrokerError> {
    let error = |why| BrokerError::File { path: path.to_owned(), why };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(error)?;
    }
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, content).and_then(|()| std::fs::rename(&fresh, path)).map_err(error)
}
