//! Why a broker could not be chosen or prepared.

use std::io;
use std::path::PathBuf;

use super::choice::Unavailable;
use crate::run::ports;

/// Why a broker could not be chosen or prepared.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// No broker can be started.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A file of the broker was not written.
    #[error("{0} cannot be written: {1}")]
    File(PathBuf, io::Error),
    /// Apache Kafka's storage could not be formatted.
    #[error("Apache Kafka's storage could not be formatted: {0}")]
    Format(String),
    /// The port asked for is not free.
    #[error(transparent)]
    Taken(#[from] ports::PortError),
    /// No free port.
    #[error("there is no free port for the broker: {0}")]
    Port(io::Error),
}
