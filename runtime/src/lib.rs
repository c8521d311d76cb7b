//! What every service needs and no business is in.
//!
//! - [`config`]: read once, validated; a bad value prints one line and exits 64
//! - [`service`]: from a bound listener to a clean end, inside one grace time
//! - [`telemetry`]: logs and metrics
//! - [`probes`]: `/livez`, `/readyz`, `/metrics`
//! - [`problem`]: refusals as RFC 9457 problems
//! - [`database`]: SQLite or PostgreSQL by URL
//! - [`kafka`], [`dead_letters`]: client settings, topics, and where poison goes
//! - [`clock`], [`backoff`]: the time, and how long to wait

pub mod backoff;
pub mod clock;
pub mod config;
pub mod database;
pub mod dead_letters;
pub mod kafka;
pub mod probes;
pub mod problem;
pub mod service;
pub mod telemetry;
