//! Checks whether a broker answers the Kafka protocol.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The time for one request.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Whether a server listens at `address` (`HOST:PORT`); cheap enough for frequent use.
pub async fn listens(address: &str) -> Result<(), String> {
    match timeout(TIMEOUT, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("it does not listen at {address}: {error}")),
        Err(_) => Err(format!("it does not answer at {address}")),
    }
}

/// Whether the broker at `address` answers a request for the cluster's metadata.
pub async fn answers_kafka(address: &str) -> Result<(), String> {
    listens(address).await?;
    let address = address.to_owned();
    let asking = tokio::task::spawn_blocking(move || {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &address);
        // The caller tries again until it succeeds, so a failure is not worth a log line.
        let client: BaseConsumer = config.set_log_level(RDKafkaLogLevel::Emerg).create().map_err(|e| e.to_string())?;
        let metadata = client.fetch_metadata(None, TIMEOUT).map_err(|e| e.to_string())?;
        if metadata.brokers().is_empty() { Err("it names no broker".to_owned()) } else { Ok(()) }
    });
    asking.await.unwrap_or_else(|error| Err(error.to_string()))
}
