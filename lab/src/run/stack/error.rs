//! Why the stack did not come up.

use std::io;
use std::path::PathBuf;

use crate::run::broker::BrokerError;
use crate::run::part::Trouble;
use crate::run::supervise::SpawnError;
use crate::run::{lock, ports};

/// Why the stack did not come up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The page is not built.
    #[error("there is no page in {0}: build it with `cargo xtask page`, or give --no-frontend")]
    NoPage(PathBuf),
    /// Several consumers, and no database for them.
    #[error("{0} consumers cannot share a SQLite file: keep the consumer's books on a PostgreSQL server")]
    NotShared(u8),
    /// The port of the front door.
    #[error(transparent)]
    Port(#[from] ports::Taken),
    /// No free ports for the parts.
    #[error("there are no free ports for the parts: {0}")]
    NoPorts(io::Error),
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] lock::DataDirError),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A part was not started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// A part was started and did not get ready.
    #[error(transparent)]
    Part(#[from] Trouble),
}
