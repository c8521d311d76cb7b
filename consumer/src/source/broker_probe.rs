//! Whether the broker is there: its door is knocked at, since one that is gone refuses at once, while librdkafka's queries
//! try again until their time is up.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Timestamp;
use runtime::clock;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often to probe, and how long to wait for an answer.
const EVERY: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_millis(500);
/// Kafka's port where an address names none.
const PORT: &str = "9092";

/// The broker's trouble, if it has any, as told by whoever noticed last.
pub struct BrokerHealth {
    trouble: watch::Sender<Option<String>>,
    /// When the door was last found closed after it had been open, in milliseconds since the epoch.
    closed_at: AtomicI64,
}

impl BrokerHealth {
    /// A broker nobody has complained about, and what is heard of it.
    pub fn new() -> (Self, watch::Receiver<Option<String>>) {
        let (trouble, heard) = watch::channel(None);
        (Self { trouble, closed_at: AtomicI64::new(i64::MIN) }, heard)
    }

    fn tell(&self, down: bool) {
        let trouble = down.then(|| "it does not answer".to_owned());
        self.trouble.send_if_modified(|known| {
            let changed = *known != trouble;
            *known = trouble;
            changed
        });
    }

    /// The door was found closed.
    fn closed(&self, at: Timestamp) {
        self.closed_at.store(at.millis(), Ordering::Relaxed);
        self.tell(true);
    }

    /// A query that began at `asked` was answered, or was not; an answer from before the door closed proves nothing.
    pub fn answered(&self, asked: Timestamp, down: bool) {
        if down || asked.millis() > self.closed_at.load(Ordering::Relaxed) {
            self.tell(down);
        }
    }
}

/// Knocks until the service stops. Only that the door closes is told; that it opens again proves nothing yet.
pub async fn probe(brokers: String, health: Arc<BrokerHealth>, stop: CancellationToken) -> anyhow::Result<()> {
    let addresses = addresses(&brokers);
    let mut open = true;
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let was_open = std::mem::replace(&mut open, somebody_is_there(&addresses).await);
        if was_open && !open {
            health.closed(clock::now());
        }
    }
    Ok(())
}

/// The addresses of `bootstrap.servers`, which may have a protocol before them and lack a port.
fn addresses(brokers: &str) -> Vec<String> {
    let door = |address: &str| {
        let address = address.trim().rsplit("://").next().unwrap_or_default();
        if address.contains(':') { address.to_owned() } else { format!("{address}:{PORT}") }
    };
    brokers.split(',').map(door).collect()
}

async fn somebody_is_there(addresses: &[String]) -> bool {
    for door in addresses {
        if let Ok(Ok(_)) = tokio::time::timeout(TIMEOUT, TcpStream::connect(door)).await {
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
    }

    #[tokio::test]
    async fn a_cluster_is_gone_when_no_door_opens() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = addresses(&format!("127.0.0.1:1,{}", listener.local_addr().unwrap()));
        assert!(somebody_is_there(&addresses).await);
        drop(listener);
        assert!(!somebody_is_there(&addresses).await);
    }

    #[test]
    fn an_answer_from_before_the_door_closed_proves_nothing() {
        let (health, heard) = BrokerHealth::new();
        let at = Timestamp::from_millis;
        health.answered(at(1), false);
        health.closed(at(5));
        health.answered(at(4), false);
        assert!(heard.borrow().is_some());
        health.answered(at(6), true);
        assert!(heard.borrow().is_some());
        health.answered(at(7), false);
        assert_eq!(*heard.borrow(), None, "whatever the door says: others of the cluster may be there");
    }
}
