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
    /// A cluster of another program than Apache Kafka.
    #[error("{brokers} brokers are started as Apache Kafka only, and the choice is {choice}: give --broker apache")]
    NoCluster {
        /// How many brokers were asked for.
        brokers: u8,
        /// The chosen broker.
        choice: String,
    },
    /// The data directory belongs to a cluster of another size.
    #[error(
        "the records of this data directory belong to {kept} broker(s): give --brokers {kept}, or another --data-dir"
    )]
    OtherSize {
        /// The brokers of its earlier use.
        kept: u8,
    },
    /// The machine has too little memory for a cluster.
    #[error(
        "a cluster takes about {needed} MB of memory, and {available} MB are available: end other programs, or give \
         --brokers 1"
    )]
    Memory {
        /// What the brokers take, in MB.
        needed: u64,
        /// What is available, in MB.
        available: u64,
    },
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
