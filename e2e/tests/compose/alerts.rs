//! Prometheus notices that parts are gone, and that they are back.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{CONSUMER, INGEST, docker, until, variable};

const ALERTS: &str = "http://127.0.0.1:9090/api/v1/alerts";
/// For noticing: asked every 5 s, judged every 5 s, and only what lasts 15 s is worth an alert.
const PATIENCE: Duration = Duration::from_secs(90);
/// What has to be noticed, by labels: of the consumer its name is left, of a backend only that there is one less.
const EXPECTED: [&[(&str, &str)]; 2] =
    [&[("alertname", "PartDown"), ("job", "consumer")], &[("alertname", "TooFewBackends")]];

#[tokio::test]
#[ignore = "needs the containers; `cargo xtask compose-test` starts them and runs it"]
async fn who_is_gone_is_noticed_and_who_is_back_too() -> Result<()> {
    let victims = [variable(CONSUMER)?, variable(INGEST)?];
    let quiet = async || Ok(EXPECTED.iter().zip(states().await?).all(|(_, state)| state.is_none()));
    until("no alert before anybody is gone", PATIENCE, quiet).await?;
    for victim in &victims {
        docker("kill", victim)?;
    }
    let firing = async || Ok(states().await?.iter().all(|state| state.as_deref() == Some("firing")));
    let took = until("PartDown and TooFewBackends are firing", PATIENCE, firing).await;
    // Who comes next finds everybody there, whatever came of it.
    for victim in &victims {
        docker("start", victim)?;
    }
    eprintln!("alerts of who is gone: firing after {:.0?}", took?);
    let took = until("both alerts are resolved", PATIENCE, quiet).await?;
    eprintln!("alerts of who is back: resolved after {took:.0?}");
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
