//! Asks a part whether it is ready.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use runtime::kafka::Cluster;
use runtime::listen::CLIENT_IDLE;
use tokio::time::{Instant, sleep, sleep_until};

use crate::run::broker::ready;
use crate::run::postgres;
use crate::run::supervise::{Process, State};

/// The time between two requests while a part starts.
const PAUSE: Duration = Duration::from_millis(50);

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    // The parts run on this machine, so no proxy is used. The builder can fail only for TLS.
    let client = reqwest::Client::builder().no_proxy().pool_idle_timeout(CLIENT_IDLE);
    client.timeout(Duration::from_secs(2)).build().unwrap_or_default()
});

/// How a part is asked.
#[derive(Clone, Debug)]
pub enum Probe {
    /// `GET /readyz`.
    Http(SocketAddr),
    /// As a Kafka client.
    Kafka(Cluster),
    /// As a PostgreSQL client, with this URL of the server.
    Postgres(String),
}

impl Probe {
    /// Asks once. A broker is asked thoroughly while it starts, and cheaply later.
    pub async fn check(&self, is_starting: bool) -> Result<(), String> {
        match self {
            Self::Http(address) => readyz(*address).await,
            Self::Kafka(cluster) if is_starting => ready::answers_kafka(cluster).await,
            Self::Kafka(cluster) => ready::listens(cluster.brokers()).await,
            Self::Postgres(server) => postgres::answers(server).await,
        }
    }
}

async fn readyz(address: SocketAddr) -> Result<(), String> {
    match CLIENT.get(format!("http://{address}/readyz")).send().await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => {
            let reason: String = response.text().await.unwrap_or_default().trim().chars().take(200).collect();
            Err(if reason.is_empty() { "it is not ready and gives no reason".to_owned() } else { reason })
        }
        Err(error) if error.is_connect() => Err(format!("it does not listen at {address}")),
        Err(_) => Err(format!("it does not answer at {address}")),
    }
}

/// Asks again until the part is ready, the process has ended or the timeout is over. The error has no subject.
pub async fn until<F>(timeout: Duration, process: Option<&Process>, ask: impl Fn() -> F) -> Result<(), String>
where
    F: Future<Output = Result<(), String>>,
{
    let deadline = Instant::now() + timeout;
    let mut trouble = "it did not answer".to_owned();
    loop {
        let answer = tokio::select! {
            answer = ask() => answer,
            () = sleep_until(deadline) => {
                return Err(format!("was not ready after {} s: {trouble}", timeout.as_secs()));
            }
            died = death(process) => return Err(died),
        };
        match answer {
            Ok(()) => return Ok(()),
            Err(reason) => trouble = reason,
        }
        sleep(PAUSE).await;
    }
}

async fn death(process: Option<&Process>) -> String {
    let Some(process) = process else { return std::future::pending().await };
    process.ended().await;
    match process.state() {
        State::Ended { how, last_lines, .. } => format!("{how} before it was ready:\n{}", last_lines.join("\n")),
        _ => "was not started".to_owned(),
    }
}
