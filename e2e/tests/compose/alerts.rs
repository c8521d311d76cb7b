//! Prometheus notices missing parts and their return.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{CONSUMER, INGEST, docker, until, variable};

const ALERTS: &str = "http://127.0.0.1:9090/api/v1/alerts";
/// The time for an alert: scraped every 5 s, evaluated every 5 s, and pending for 15 s.
const TIMEOUT: Duration = Duration::from_secs(90);
/// The expected alerts, by labels: one names the consumer, the other counts the backends.
const EXPECTED: [&[(&str, &str)]; 2] =
    [&[("alertname", "PartDown"), ("job", "consumer")], &[("alertname", "TooFewBackends")]];

#[tokio::test]
#[ignore = "needs the containers; `cargo xtask compose-test` starts them and runs it"]
async fn missing_and_returned_parts_are_noticed() -> Result<()> {
    let targets = [variable(CONSUMER)?, variable(INGEST)?];
    let quiet = async || Ok(EXPECTED.iter().zip(states().await?).all(|(_, state)| state.is_none()));
    until("no alert before a part is killed", TIMEOUT, quiet).await?;
    for target in &targets {
        docker("kill", target)?;
    }
    let firing = async || Ok(states().await?.iter().all(|state| state.as_deref() == Some("firing")));
    let took = until("PartDown and TooFewBackends are firing", TIMEOUT, firing).await;
    // The containers are started again before any result is checked.
    for target in &targets {
        docker("start", target)?;
    }
    eprintln!("alerts about missing parts: firing after {:.0?}", took?);
    let took = until("both alerts are resolved", TIMEOUT, quiet).await?;
    eprintln!("alerts about missing parts: resolved after {took:.0?}");
    Ok(())
}

/// The state of each expected alert: inactive ones are not listed.
async fn states() -> Result<Vec<Option<String>>> {
    let listed: Value = reqwest::get(ALERTS).await?.error_for_status()?.json().await?;
    let alerts = listed["data"]["alerts"].as_array().context("Prometheus lists no alerts")?;
    let is =
        |alert: &&Value, labels: &[(&str, &str)]| labels.iter().all(|(name, value)| alert["labels"][name] == *value);
    let state = |labels: &&[(&str, &str)]| {
        let alert = alerts.iter().find(|alert| is(alert, labels))?;
        alert["state"].as_str().map(str::to_owned)
    };
    Ok(EXPECTED.iter().map(state).collect())
}
