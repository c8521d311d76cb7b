//! Stacks of other parts than the default: without a broker, with a second reader, with several consumers and two databases.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod consumers;
mod reader;
mod sender;
mod without_broker;

/// One stack after the other, or they would delay each other.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
