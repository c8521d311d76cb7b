//! Prometheus notices missing parts and servers, and their return.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{ADDRESS, CONSUMER, INGEST, KAFKA, POSTGRES, docker, until, variable};

const ALERTS: &str = "http://127.0.0.1:9090/api/v1/alerts";
/// The time for an alert: scraped every 5 s, evaluated every 5 s, and pending for 15 s.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The labels of an alert.
type Labels = &'static [(&'static str, &'static str)];

/// The containers that are killed together, and the alerts about them.
struct Round {
    containers: [&'static str; 2],
    expected: [Labels; 2],
}

const ROUNDS: [Round; 2] = [
    // One alert names the consumer, the other counts the backends.
    Round {
        containers: [CONSUMER, INGEST],
        expected: [&[("alertname", "PartDown"), ("job", "consumer")], &[("alertname", "TooFewBackends")]],
    },
    Round {
        containers: [KAFKA, POSTGRES],
        expected: [&[("alertname", "KafkaDown")], &[("alertname", "PostgresDown")]],
    },
];

#[tokio::test]
#[ignore = "needs the containers; `cargo xtask compose-test` starts them and runs it"]
async fn missing_and_returned_parts_are_noticed() -> Result<()> {
    for Round { containers, expected } in ROUNDS {
        let quiet = async || Ok(states(expected).await?.iter().all(Option::is_none));
        until("no alert before a container is killed", TIMEOUT, quiet).await?;
        let containers = [variable(containers[0])?, variable(containers[1])?];
        for container in &containers {
            docker("kill", container)?;
        }
        let firing = async || Ok(states(expected).await?.iter().all(|state| state.as_deref() == Some("firing")));
        let took = until(&format!("{expected:?} are firing"), TIMEOUT, firing).await;
        let refused = refusal().await;
        // The containers are started again before any result is checked.
        for container in &containers {
            docker("start", container)?;
        }
        eprintln!("{expected:?}: firing after {:.0?}", took?);
        let named = refused?;
        ensure!(
            expected != ROUNDS[1].expected || named["dependency"] == "postgres",
            "the ledger's refusal does not name PostgreSQL: {named}"
        );
        let took = until("both alerts are resolved", TIMEOUT, quiet).await?;
        eprintln!("{expected:?}: resolved after {took:.0?}");
    }
    let ledger = async || Ok(reqwest::get(format!("{}/api/ledger", variable(ADDRESS)?)).await?.status().is_success());
    until("the ledger is there again", TIMEOUT, ledger).await.map(drop)
}

/// The refusal of a request that needs the consumer and its database, through the front door.
async fn refusal() -> Result<Value> {
    let answer = reqwest::get(format!("{}/api/ledger", variable(ADDRESS)?)).await?;
    ensure!(answer.status() == 503, "the ledger is answered {}", answer.status());
    Ok(answer.json().await?)
}

/// The state of each expected alert: inactive ones are not listed.
async fn states(expected: [Labels; 2]) -> Result<[Option<String>; 2]> {
    let listed: Value = reqwest::get(ALERTS).await?.error_for_status()?.json().await?;
    let alerts = listed["data"]["alerts"].as_array().context("Prometheus lists no alerts")?;
    let is = |alert: &&Value, labels: Labels| labels.iter().all(|(name, value)| alert["labels"][name] == *value);
    Ok(expected.map(|labels| {
        let alert = alerts.iter().find(|alert| is(alert, labels))?;
        alert["state"].as_str().map(str::to_owned)
    }))
}
