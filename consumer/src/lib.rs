//! The consumer: applies the rules, keeps the ledger, shows every event live.
//!
//! - [`source`]: the sources of events: push, poll, kafka
//! - [`process`]: the one step: a batch, its effects and the source's position in one transaction
//! - [`use_cases`], [`rule_timers`], [`statistics`]: the rules with their settings, missing events, the lag of events
//! - [`store`]: the tables
//! - [`retention`]: what is kept, for how long, and how much of it
//! - [`outbox`]: the mails of alerts on their way to the mailer
//! - [`live`]: the live stream of the pages, as server-sent events
//! - [`peer_health`]: whether the peers are up, and the states of the mails
//! - [`http`]: deliveries, reports, ledger, live

pub mod app;
pub mod config;
pub mod http;
pub mod live;
pub mod metrics;
pub mod outbox;
pub mod peer_health;
pub mod process;
pub mod retention;
pub mod rule_timers;
pub mod source;
pub mod statistics;
pub mod store;
pub mod use_cases;
