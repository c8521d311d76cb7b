//! Why a broker could not be chosen or prepared.

use std::io;
use std::path::PathBuf;

use super::choice::Unavailable;
use crate::run::ports;

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
