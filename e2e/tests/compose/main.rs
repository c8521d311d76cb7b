//! The containers of docker-compose.yml, used from outside; `cargo xtask compose-test` starts them and runs this.

mod alerts;
mod original;
mod visit;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

/// The address of the stack's front door.
const ADDRESS: &str = "ESE_COMPOSE_ADDRESS";
/// The address of a backend that takes events, behind the front door.
const BACKEND: &str = "ESE_COMPOSE_BACKEND";
/// The containers that are killed, by name: those that take events, the consumer, and the servers behind all.
const INGEST: &str = "ESE_COMPOSE_INGEST";
const SECOND_INGEST: &str = "ESE_COMPOSE_SECOND_INGEST";
const CONSUMER: &str = "ESE_COMPOSE_CONSUMER";
const KAFKA: &str = "ESE_COMPOSE_KAFKA";
const POSTGRES: &str = "ESE_COMPOSE_POSTGRES";

fn docker(verb: &str, container: &str) -> Result<()> {
    let done = Command::new("docker").args([verb, container]).output().context("there is no docker")?;
    ensure!(done.status.success(), "docker {verb} {container}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

/// Asks until the condition holds; returns the time that took.
async fn until(what: &str, timeout: Duration, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<Duration> {
    let start = Instant::now();
    while !holds().await? {
        ensure!(start.elapsed() < timeout, "not within {} s: {what}", timeout.as_secs());
        sleep(Duration::from_millis(500)).await;
    }
    Ok(start.elapsed())
}
