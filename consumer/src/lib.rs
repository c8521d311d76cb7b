//! The consumer: applies the rules, keeps the books, shows live what became of every event.
//!
//! - [`source`]: how events arrive: push, poll, kafka
//! - [`process`]: the one step: a batch, its effects and the source's position in one transaction
//! - [`use_cases`], [`due`], [`statistics`]: the rules as they are set, what did not happen, how late events are
//! - [`store`]: the tables behind it
//! - [`outbox`]: alerts' mails on their way to the mailer
//! - [`live`]: what pages see, as server-sent events
//! - [`watch`]: whether the neighbours are up, and what became of the mails
//! - [`http`]: deliveries, reports, ledger, live

pub mod app;
pub mod config;
pub mod due;
pub mod http;
pub mod live;
pub mod metrics;
pub mod outbox;
pub mod process;
pub mod source;
pub mod statistics;
pub mod store;
pub mod use_cases;
pub mod watch;
