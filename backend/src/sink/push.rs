//! http-push: forwards to the consumer and waits until it has committed.

use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use domain::api::{BATCH, Delivered};
use domain::ledger::Seen;
use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use runtime::listen::CLIENT_IDLE;
use runtime::peers::PeerToken;
use runtime::service::Tasks;

use super::{Batch, Sink, SinkError, Taken, Verdict};
use crate::coalesce::Coalescer;

/// How long the consumer may take for one forward.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Forwards over HTTP.
pub struct PushSink {
    queue: Coalescer,
}

/// Why a forward did not end with the consumer's answer.
#[derive(Debug, thiserror::Error)]
enum ForwardError {
    #[error("the consumer cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the consumer answered {0}")]
    Refused(StatusCode),
    #[error("the consumer's answer speaks of {0} events instead of {1}")]
    Miscounted(usize, usize),
}

impl PushSink {
    /// Starts forwarding to the consumer at `consumer_url`, with the peers' `token`.
    pub fn start(
        tasks: &mut Tasks,
        consumer_url: &str,
        token: &PeerToken,
        queue_bytes: u32,
    ) -> anyhow::Result<Arc<Self>> {
        let client = reqwest::Client::builder().default_headers(token.headers()).pool_idle_timeout(CLIENT_IDLE);
        let client = client.timeout(TIMEOUT).connect_timeout(Duration::from_secs(2)).build()?;
        let url = format!("{consumer_url}/api/deliveries");
        let queue = Coalescer::start(tasks, "http-push", queue_bytes, move |events| {
            forward_all(client.clone(), url.clone(), events)
        });
        Ok(Arc::new(Self { queue }))
    }
}

impl Sink for PushSink {
    fn send(&self, batch: Batch) -> BoxFuture<'_, Vec<Verdict>> {
        Box::pin(self.queue.send(batch))
    }

    fn full(&self, bytes: usize) -> Option<SinkError> {
        self.queue.full(bytes)
    }
}

async fn forward_all(client: reqwest::Client, url: String, events: Vec<Event>) -> Vec<Verdict> {
    match forward(&client, &url, &events).await {
        Ok(delivered) => delivered.seen.into_iter().map(|seen| Ok(taken(seen))).collect(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, events = events.len(), "a forward failed");
            vec![Err(SinkError::retry(error.to_string())); events.len()]
        }
    }
}

async fn forward(client: &reqwest::Client, url: &str, events: &[Event]) -> Result<Delivered, ForwardError> {
    let request = client.post(url).header(reqwest::header::CONTENT_TYPE, BATCH).json(events);
    let response = request.send().await.map_err(ForwardError::Unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(ForwardError::Refused(response.status()));
    }
    let delivered: Delivered = response.json().await.map_err(ForwardError::Unreachable)?;
    match delivered.seen.len() {
        count if count == events.len() => Ok(delivered),
        count => Err(ForwardError::Miscounted(count, events.len())),
    }
}

const fn taken(seen: Seen) -> Taken {
    match seen {
        Seen::New | Seen::Reordered => Taken::New,
        Seen::Duplicate => Taken::Duplicate,
    }
}
