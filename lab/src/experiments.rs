//! Experiments on the running product, and reports about it.
//!
//! - [`simulate`]: many simulated clients send events, and every event is followed into the ledger; `ese simulate`
//! - [`compare`]: scenarios over each route alone, with verdicts; `ese compare`
//! - [`crash`]: parts are killed at random, and the ledger is audited afterwards; `ese crash`
//! - [`fault`]: the faults of a running stack in a terminal; `ese fault`
//! - [`ledger`]: the ledger as a table; `ese ledger`
//! - [`dlq`]: records that could not be processed; `ese dlq`
//! - [`page`]: the routes of the experiments that the page starts
//! - `foreground`: the progress line and Ctrl-C of long experiments
//! - `live_stream`: the messages of the live stream
//! - [`wire`]: the HTTP client of simulated clients, and of the tests

pub mod compare;
pub mod crash;
pub mod dlq;
pub mod fault;
pub(crate) mod foreground;
pub mod ledger;
mod live_stream;
pub mod page;
pub mod simulate;
pub mod wire;
