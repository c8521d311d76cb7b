//! Probes whether the broker is up by connecting to its port: a stopped broker refuses at once, while librdkafka's queries
//! try again until they time out.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Timestamp;
use runtime::clock;
use runtime::config::with_port;
use runtime::dependency::Dependency;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often to probe, and how long to wait for an answer.
const EVERY: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_millis(500);
/// Kafka's port where an address names none.
const PORT: u16 = 9092;

/// The broker's error, if it has one, from the probe and from queries.
pub struct BrokerHealth {
    kafka: Dependency,
    /// When the broker was last found unreachable after it had been reachable, in milliseconds since the epoch.
    unreachable_at: AtomicI64,
}

impl BrokerHealth {
    /// A broker without an error, and the receiver of changes.
    pub fn new() -> (Self, watch::Receiver<Option<String>>) {
        let kafka = Dependency::new("kafka", "Kafka");
        let receiver = kafka.subscribe();
        (Self { kafka, unreachable_at: AtomicI64::new(i64::MIN) }, receiver)
    }

    /// The broker, for whom needs it.
    pub fn server(&self) -> Dependency {
        self.kafka.clone()
    }

    fn set(&self, down: bool) {
        self.kafka.set(down.then(|| "it does not answer".to_owned()));
    }

    /// Notes that no address accepts connections any more.
    fn unreachable(&self, at: Timestamp) {
        self.unreachable_at.store(at.millis(), Ordering::Relaxed);
        self.set(true);
    }

    /// Notes whether a query that began at `asked` was answered. An answer to an older query than the last
    /// [`unreachable`](Self::unreachable) proves nothing.
    pub fn answered(&self, asked: Timestamp, down: bool) {
        if down || asked.millis() > self.unreachable_at.load(Ordering::Relaxed) {
            self.set(down);
        }
    }
}

/// Probes until the service stops. It only notes that the broker becomes unreachable: an open port does not prove that it
/// answers.
pub async fn probe(brokers: String, health: Arc<BrokerHealth>, stop: CancellationToken) -> anyhow::Result<()> {
    let addresses = addresses(&brokers);
    let mut reachable = true;
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let was_reachable = std::mem::replace(&mut reachable, is_reachable(&addresses).await);
        if was_reachable && !reachable {
            health.unreachable(clock::now());
        }
    }
    Ok(())
}

/// The addresses of `bootstrap.servers`, which may have a protocol before them and lack a port.
fn addresses(brokers: &str) -> Vec<String> {
    let address = |broker: &str| with_port(broker.trim().rsplit("://").next().unwrap_or_default(), PORT);
    brokers.split(',').map(address).collect()
}

async fn is_reachable(addresses: &[String]) -> bool {
    for address in addresses {
        if let Ok(Ok(_)) = tokio::time::timeout(TIMEOUT, TcpStream::connect(address)).await {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_read_as_librdkafka_does() {
        assert_eq!(addresses("a:1, b , PLAINTEXT://c:3"), ["a:1", "b:9092", "c:3"]);
        assert_eq!(addresses("[::1]:1,[::2],::3"), ["[::1]:1", "[::2]:9092", "[::3]:9092"]);
    }

    #[tokio::test]
    async fn a_cluster_is_unreachable_when_no_address_accepts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = addresses(&format!("127.0.0.1:1,{}", listener.local_addr().unwrap()));
        assert!(is_reachable(&addresses).await);
        drop(listener);
        assert!(!is_reachable(&addresses).await);
    }

    #[test]
    fn an_answer_from_before_the_probe_failed_proves_nothing() {
        let (health, receiver) = BrokerHealth::new();
        let at = Timestamp::from_millis;
        health.answered(at(1), false);
        health.unreachable(at(5));
        health.answered(at(4), false);
        assert!(receiver.borrow().is_some());
        health.answered(at(6), true);
        assert!(receiver.borrow().is_some());
        health.answered(at(7), false);
        assert_eq!(*receiver.borrow(), None, "an answer counts more than the probe: other brokers may be up");
    }
}
