//! The parts that every service needs, without business logic.
//!
//! - [`config`]: flags and environment, read once and validated; a bad value exits with 64
//! - [`service`]: a service's life, from its configuration to a clean end
//! - [`listen`]: the accept loop of every HTTP listener, bounded in connections and time
//! - [`admission`]: request bodies, bounded in bytes
//! - [`cors`]: the addresses that pages of any origin may use
//! - [`keys`]: who may send; [`admin`]: who may look; [`exposure`]: no listener beyond loopback without both
//! - [`request_checks`]: the checks of every listener, against pages of other sites
//! - [`telemetry`]: logs and metrics
//! - [`trace`]: the spans of an event, exported over OTLP
//! - [`probes`]: `/livez`, `/readyz`, `/metrics`
//! - [`peers`]: the secret that the services share; [`secret`]: how secrets are made and compared
//! - [`problem`]: refusals as RFC 9457 problems
//! - [`database`]: SQLite or PostgreSQL by URL
//! - [`dependency`]: whether a server that is needed answers
//! - [`retention`]: old rows are pruned, and the oldest of too many
//! - [`kafka`], [`dead_letters`]: client settings with those of the user, topics, following them, dead-letter topics
//! - [`injected_bug`]: deliberate bugs for the crash test, in debug builds alone; [`injected_fault`]: delays and refusals
//!   for experiments, where `--fault-file` names them
//! - [`testing`]: helpers for the tests of several crates
//! - [`guarantee`]: the present guarantee of each route
//! - [`clock`], [`backoff`], [`repeats`]: the time, the wait before a retry, and lines of the log that would repeat

pub mod admin;
pub mod admission;
pub mod backoff;
pub mod clock;
pub mod config;
pub mod cors;
pub mod database;
pub mod dead_letters;
pub mod dependency;
pub mod exposure;
mod followed_file;
pub mod guarantee;
pub mod injected_bug;
pub mod injected_fault;
pub mod kafka;
pub mod keys;
pub mod listen;
pub mod peers;
pub mod probes;
pub mod problem;
pub mod repeats;
pub mod request_checks;
pub mod retention;
pub mod secret;
pub mod service;
pub mod telemetry;
pub mod testing;
pub mod trace;
