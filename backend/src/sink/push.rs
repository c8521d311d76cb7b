//! http-push: forwards to the consumer and waits until it has committed.
//!
//! A refused forward is halved until the refused event is found, so that it is rejected alone.

use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use domain::api::{BATCH, Delivered, Problem};
use domain::event::MAX_EVENT_BYTES;
use domain::ledger::Seen;
use reqwest::{Response, StatusCode, header};
use runtime::listen::CLIENT_IDLE;
use runtime::peers::PeerToken;
use runtime::service::Tasks;

use super::{SinkError, Taken, Verdict};
use crate::coalesce::Coalescer;

/// How long the consumer may take for one forward.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes in one forward; the consumer takes more.
const MOST_BYTES: usize = 4 << 20;
const _: () = assert!(MAX_EVENT_BYTES < MOST_BYTES, "an event alone fits into a forward");
/// The wait if the consumer names none, and the longest wait that it may name.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// The most bytes of a refusal that are read, and the most characters of its detail that are passed on.
const MOST_PROBLEM_BYTES: usize = 16 << 10;
const MOST_DETAIL_CHARS: usize = 300;

/// Why a forward did not end with the consumer's answer.
#[derive(Debug, thiserror::Error)]
enum ForwardError {
    #[error("the consumer cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the consumer answered {status}")]
    Unavailable { status: StatusCode, after: Duration },
    /// The forward holds an event that the consumer will never take.
    #[error("the consumer refused it: {0}")]
    Refused(String),
    #[error("the consumer's answer has {0} results for {1} events")]
    Miscounted(usize, usize),
}

/// Starts forwarding to the consumer at `consumer_url`, with the peers' `token`.
pub fn start(
    tasks: &mut Tasks,
    consumer_url: &str,
    token: &PeerToken,
    queue_bytes: u32,
) -> anyhow::Result<Arc<Coalescer>> {
    let client = reqwest::Client::builder().default_headers(token.headers()).pool_idle_timeout(CLIENT_IDLE);
    let client = client.timeout(TIMEOUT).connect_timeout(Duration::from_secs(2)).build()?;
    let url = format!("{consumer_url}/api/deliveries");
    let forward = move |events| forward_all(client.clone(), url.clone(), events);
    Ok(Arc::new(Coalescer::start(tasks, "http-push", queue_bytes, forward)))
}

/// Forwards the events in parts, and halves each part that the consumer refuses until the refused event is alone.
///
/// This takes fewer than two requests for each event. A part keeps its verdicts even if a later part fails.
async fn forward_all(client: reqwest::Client, url: String, events: Vec<Event>) -> Vec<Verdict> {
    let texts: Vec<String> = match events.iter().map(serde_json::to_string).collect() {
        Ok(texts) => texts,
        Err(error) => {
            return vec![Err(SinkError::retry(format!("an event cannot be written as JSON: {error}"))); events.len()];
        }
    };
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(texts.len());
    // The parts yet to be forwarded, the next one last.
    let mut parts = parts(&texts);
    while let Some(part) = parts.pop() {
        match forward(&client, &url, part).await {
            Ok(delivered) => verdicts.extend(delivered.seen.into_iter().map(|seen| Ok(taken(seen)))),
            Err(ForwardError::Refused(_)) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(error @ ForwardError::Refused(_)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the consumer refused an event");
                verdicts.push(Err(SinkError::Rejected { reason: error.to_string() }));
            }
            Err(error) => {
                let left = texts.len() - verdicts.len();
                tracing::warn!(error = &error as &dyn std::error::Error, events = left, "a forward failed");
                let after = match error {
                    ForwardError::Unavailable { after, .. } => after,
                    _ => AGAIN,
                };
                // The consumer is unavailable: the other parts are not tried.
                verdicts.resize(texts.len(), Err(SinkError::Retryable { reason: error.to_string(), after }));
                break;
            }
        }
    }
    verdicts
}

/// The events in parts of at most [`MOST_BYTES`], the first part last.
fn parts(texts: &[String]) -> Vec<&[String]> {
    let (mut parts, mut rest) = (Vec::new(), texts);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|text| {
            bytes += text.len() + 1;
            bytes < MOST_BYTES
        });
        let (part, others) = rest.split_at(fitting.count().max(1));
        parts.push(part);
        rest = others;
    }
    parts.reverse();
    parts
}

async fn forward(client: &reqwest::Client, url: &str, events: &[String]) -> Result<Delivered, ForwardError> {
    let body = format!("[{}]", events.join(","));
    let request = client.post(url).header(header::CONTENT_TYPE, BATCH).body(body);
    let response = request.send().await.map_err(ForwardError::Unreachable)?;
    match response.status() {
        StatusCode::OK => {
            let delivered: Delivered = response.json().await.map_err(ForwardError::Unreachable)?;
            match delivered.seen.len() {
                count if count == events.len() => Ok(delivered),
                count => Err(ForwardError::Miscounted(count, events.len())),
            }
        }
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Err(ForwardError::Refused(detail(response).await))
        }
        status => {
            let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let after = wait.map_or(AGAIN, Duration::from_secs).clamp(AGAIN, LONGEST);
            Err(ForwardError::Unavailable { status, after })
        }
    }
}

/// The reason of a refused forward: the problem's detail, or else the status.
async fn detail(mut response: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_PROBLEM_BYTES {
            break;
        }
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => problem.detail.chars().take(MOST_DETAIL_CHARS).collect(),
        Err(_) => format!("it answered {}", response.status()),
    }
}

const fn taken(seen: Seen) -> Taken {
    match seen {
        Seen::New | Seen::Reordered => Taken::New,
        Seen::Duplicate => Taken::Duplicate,
    }
}
