//! The lab: every part of ESE as a real process, behind one front door.
//!
//! - [`cli`]: the commands of `ese` and their flags
//! - [`up`]: `ese up`; [`stack`]: the same as a library, for tests that kill parts on purpose
//! - [`supervise`]: a child process: start, watch, stop, kill, start again
//! - [`broker`]: which Kafka broker to use, and how each is started
//! - [`inbox`]: an SMTP server that keeps what it is sent, for the page to show
//! - [`front`]: the front door: the page and `/api/*` of all parts on one port
//! - [`web`]: `ese web`, the page alone, for containers
//! - [`crash`]: `ese crash`: parts killed at random, and an audit of what is left
//! - [`simulate`]: `ese simulate`: clients that do not exist, and what came of their events
//! - [`ledger`], [`dlq`]: `ese ledger` and `ese dlq`
//! - [`describe`]: `ese describe`: the interfaces as files, for the documentation
//! - [`terminal`]: lines for the person in front of it

pub mod broker;
pub mod cli;
pub mod crash;
pub mod describe;
pub mod dlq;
pub mod front;
pub mod inbox;
pub mod ledger;
pub mod simulate;
pub mod stack;
pub mod supervise;
pub mod terminal;
pub mod up;
pub mod web;
mod wire;

use std::sync::Arc;

/// Tells the person in front of the terminal, one line or a few at a time.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;
