//! What every service needs and no business is in.
//!
//! - [`config`]: read once, validated; a bad value prints one line and exits 64
//! - [`service`]: from a bound listener to a clean end, inside one grace time
//! - [`listen`]: the accept loop of every HTTP listener, bounded in connections and time
//! - [`admission`]: bodies under way, bounded in bytes
//! - [`guard`]: the checks of every listener, against pages of other sites
//! - [`telemetry`]: logs and metrics
//! - [`trace`]: an event's way as spans, exported over OTLP
//! - [`probes`]: `/livez`, `/readyz`, `/metrics`
//! - [`peers`]: the secret that the services share
//! - [`problem`]: refusals as RFC 9457 problems
//! - [`database`]: SQLite or PostgreSQL by URL
//! - [`kafka`], [`dead_letters`]: client settings, topics, and where poison goes
//! - [`injected_bug`]: deliberate bugs for the crash test to find, in debug builds alone
//! - [`clock`], [`backoff`]: the time, and how long to wait

pub mod admission;
pub mod backoff;
pub mod clock;
pub mod config;
pub mod database;
pub mod dead_letters;
pub mod guard;
pub mod injected_bug;
pub mod kafka;
pub mod listen;
pub mod peers;
pub mod probes;
pub mod problem;
pub mod service;
pub mod telemetry;
pub mod trace;

/// Says that a test is skipped for want of something.
fn say_skipped(want: &str) {
    // Not `eprintln!`: the test harness would swallow it.
    let loud = format!("SKIPPED: this test needs {want}, or run `cargo xtask test`\n");
    drop(std::io::Write::write_all(&mut std::io::stderr(), loud.as_bytes()));
}
