//! Checks whether a broker answers the Kafka protocol.

use std::time::Duration;

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::Consumer;
use runtime::config::with_port;
use runtime::kafka::{Cluster, DebugLog, Queries, access, client};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The time for one request.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait for the reason of a failure.
const REASON: Duration = Duration::from_millis(500);
/// The port of a broker whose address has none.
const PORT: u16 = 9092;

/// Whether a server listens at one of these addresses, `HOST:PORT[,HOST:PORT…]`; cheap enough for frequent use.
pub async fn listens(addresses: &str) -> Result<(), String> {
    let mut trouble = String::new();
    for address in addresses.split(',') {
        // librdkafka takes a protocol before an address.
        let address = address.rsplit("://").next().unwrap_or(address).trim();
        match timeout(TIMEOUT, TcpStream::connect(with_port(address, PORT))).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => trouble = format!("it does not listen at {address}: {error}"),
            Err(_) => trouble = format!("it does not answer at {address}"),
        }
    }
    Err(trouble)
}

/// Whether a broker of the cluster answers a request for its metadata.
pub async fn answers_kafka(cluster: impl Into<Cluster>) -> Result<(), String> {
    let cluster: Cluster = cluster.into();
    listens(cluster.brokers()).await?;
    let asking = tokio::task::spawn_blocking(move || {
        let mut config = client(&cluster);
        // The caller tries again until it succeeds, so a failure is not worth a log line.
        config.set_log_level(RDKafkaLogLevel::Emerg);
        let client: Queries = config.create_with_context(DebugLog).map_err(|e| e.to_string())?;
        // A token is given while the client is polled.
        drop(client.poll(Duration::ZERO));
        let metadata = client.fetch_metadata(None, TIMEOUT).map_err(|error| {
            // The client notes the reason of a refusal while it is read.
            drop(client.poll(REASON));
            access::present()
                .map_or_else(|| error.to_string(), |reason| format!("Kafka refuses this program: {reason}"))
        })?;
        if metadata.brokers().is_empty() { Err("it names no broker".to_owned()) } else { Ok(()) }
    });
    asking.await.unwrap_or_else(|error| Err(error.to_string()))
}
