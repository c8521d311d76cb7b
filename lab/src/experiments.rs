//! Experiments on the running product, and reports about it.
//!
//! - [`simulate`]: many simulated clients send events, and every event is followed into the ledger; `ese simulate`
//! - [`compare`]: scenarios over each route alone, with verdicts; `ese compare`
//! - [`crash`]: parts are killed at random, and the ledger is audited afterwards; `ese crash`
//! - [`bench`]: speed beside the limits of the same machine; `ese bench`
//! - [`fault`]: the faults of a running stack in a terminal; `ese fault`
//! - [`ledger`]: the ledger as a table; `ese ledger`
//! - [`disk`]: what takes how much in the databases; `ese disk`
//! - [`key`]: the write keys; `ese key`; [`access`]: the admin token of the other commands
//! - [`dlq`]: records that could not be processed; `ese dlq`
//! - [`page_api`]: the routes of the experiments that the page starts
//! - `durations`, `proc`, `machine`: histograms, the use of processor and memory, and the description of the machine
//! - `foreground`: the progress line and Ctrl-C of long experiments
//! - `live_stream`: the messages of the live stream
//! - [`wire`]: the HTTP client of simulated clients, and of the tests

pub mod access;
pub mod bench;
pub mod compare;
pub mod crash;
pub mod disk;
pub mod dlq;
mod durations;
pub mod fault;
pub(crate) mod foreground;
pub mod key;
pub mod ledger;
mod live_stream;
mod machine;
pub mod page_api;
mod proc;
pub mod simulate;
pub mod wire;
