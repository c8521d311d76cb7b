//! Errors of the start of a stack.

use std::io;
use std::path::PathBuf;

use crate::run::broker::BrokerError;
use crate::run::part::PartError;
use crate::run::postgres::PostgresError;
use crate::run::supervise::SpawnError;
use crate::run::{lock, ports};

/// Why the stack did not come up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The page is not built.
    #[error("there is no page in {0}: build it with `cargo xtask page`, or give --no-frontend")]
    NoPage(PathBuf),
    /// Several consumers have no database that they can share.
    #[error("{0} consumers cannot share a SQLite file: give --database postgres")]
    NotShared(u8),
    /// The data directory was used with databases of the other kind.
    #[error(
        "this data directory has its databases in {0}, with the positions of its events: give --database {1}, or another \
         --data-dir"
    )]
    OtherDatabase(&'static str, &'static str),
    /// The data directory was used with a store of the other kind.
    #[error("this data directory has http-poll's store in {0}, with its events: give another --data-dir")]
    OtherStore(&'static str),
    /// PostgreSQL could not be prepared.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The port of the front door is not free.
    #[error(transparent)]
    Port(#[from] ports::PortError),
    /// There are no free ports for the parts.
    #[error("there are no free ports for the parts: {0}")]
    NoPorts(io::Error),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] lock::DataDirError),
    /// The faults of an earlier run could not be removed, or the guarantees not be written.
    #[error("the faults and guarantees of an earlier run could not be replaced in the data directory: {0}")]
    Followed(#[from] io::Error),
    /// The broker could not be prepared.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A part was not started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// A part was started and did not get ready.
    #[error(transparent)]
    Part(#[from] PartError),
}
