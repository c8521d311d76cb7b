//! A second, independent reader: a consumer with a database and a Kafka group of its own.

use std::net::SocketAddr;
use std::time::Duration;

use crate::run::part::Part;
use crate::run::probe::Probe;
use crate::run::supervise::{Process, Recipe};
use crate::terminal::Progress;

/// A consumer that reads the events of http-poll and kafka from their beginning, as far as store and log still keep them.
/// http-push brings it nothing.
///
/// It acknowledges nothing in the store, and its mails stay in its outbox. Its only effect on the stack is a second dead
/// letter of each record that cannot be processed. It is not behind the front door. Dropping it kills it; started again, it
/// goes on where it was.
pub struct Reader {
    part: Part,
    address: SocketAddr,
}

impl Reader {
    /// Starts it; it is ready when this returns, within `timeout`.
    pub(super) async fn start(
        recipe: Recipe,
        address: SocketAddr,
        progress: Progress,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        let part = Part::new(Process::new(recipe, progress)?, Probe::Http(address));
        part.start().await?;
        part.until_ready(timeout).await?;
        Ok(Self { part, address })
    }

    /// Its own address: `/api/ledger`, `/api/processed` and `/metrics` are those of a consumer.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.part.pid()
    }

    /// Stops it.
    pub async fn stop(self) {
        self.part.stop().await;
    }
}
