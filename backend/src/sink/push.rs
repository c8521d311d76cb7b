//! http-push: forwards to the consumer and waits until it has committed.
//!
//! A refused forward is halved until the refused event is found, so that it is rejected alone.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use domain::api::{BATCH, Delivered, Problem};
use domain::event::MAX_EVENT_BYTES;
use domain::ledger::{CLOSED, Seen};
use reqwest::{Client, Response, StatusCode, Url, header};
use runtime::listen::CLIENT_IDLE;
use runtime::peers::PeerToken;
use runtime::service::Tasks;

use super::{SinkError, Taken, Verdict};
use crate::coalesce::{Coalescer, Joined};

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
    #[error("the consumer answered {why}")]
    Unavailable { why: String, after: Duration },
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
    let client = Client::builder().default_headers(token.headers()).pool_idle_timeout(CLIENT_IDLE);
    let client = client.timeout(TIMEOUT).connect_timeout(Duration::from_secs(2)).build()?;
    let url = Url::parse(&format!("{consumer_url}/api/deliveries"))?;
    let forward = move |joined| forward_all(client.clone(), url.clone(), joined);
    Ok(Arc::new(Coalescer::start(tasks, "http-push", queue_bytes, forward)))
}

/// Forwards the events in parts, and halves each part that the consumer refuses until the refused event is alone.
///
/// This takes fewer than two requests for each event. A part keeps its verdicts even if a later part fails.
async fn forward_all(client: Client, url: Url, joined: Joined) -> Vec<Verdict> {
    let count = joined.count;
    let events = match Events::of(&joined) {
        Ok(events) => events,
        Err(error) => {
            return vec![Err(SinkError::retry(format!("an event cannot be written as JSON: {error}"))); count];
        }
    };
    drop(joined);
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(count);
    // The parts yet to be forwarded, the next one last.
    let mut parts = events.parts();
    while let Some(part) = parts.pop() {
        match forward(&client, &url, events.body(&part), part.len()).await {
            Ok(delivered) => verdicts.extend(delivered.seen.into_iter().map(verdict)),
            Err(ForwardError::Refused(_)) if part.len() > 1 => {
                let half = part.start + part.len() / 2;
                parts.extend([half..part.end, part.start..half]);
            }
            Err(error @ ForwardError::Refused(_)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the consumer refused an event");
                verdicts.push(Err(SinkError::Rejected { reason: error.to_string() }));
            }
            Err(error) => {
                let left = count - verdicts.len();
                tracing::warn!(error = &error as &dyn std::error::Error, events = left, "a forward failed");
                let after = match error {
                    ForwardError::Unavailable { after, .. } => after,
                    _ => AGAIN,
                };
                // The consumer is unavailable: the other parts are not tried.
                verdicts.resize(count, Err(SinkError::Retryable { reason: error.to_string(), after }));
                break;
            }
        }
    }
    verdicts
}

/// The events as one JSON array, from which the body of each part is taken.
struct Events {
    json: Bytes,
    /// The place of the bracket or comma before each event, and last the place of the closing bracket.
    marks: Vec<usize>,
}

impl Events {
    fn of(joined: &Joined) -> serde_json::Result<Self> {
        let (mut json, mut marks) = (vec![b'['], vec![0]);
        for event in joined.events() {
            serde_json::to_writer(&mut json, event)?;
            marks.push(json.len());
            json.push(b',');
        }
        if let Some(last) = json.last_mut() {
            *last = b']';
        }
        Ok(Self { json: json.into(), marks })
    }

    /// The events in parts whose bodies have at most [`MOST_BYTES`], the first part last.
    fn parts(&self) -> Vec<Range<usize>> {
        let (mut parts, mut start) = (Vec::new(), 0);
        while let [begin, ends @ ..] = &self.marks[start..]
            && !ends.is_empty()
        {
            let end = start + ends.partition_point(|end| end - begin < MOST_BYTES).max(1);
            parts.push(start..end);
            start = end;
        }
        parts.reverse();
        parts
    }

    /// The JSON array of these events alone; no copy if they are all.
    fn body(&self, part: &Range<usize>) -> Bytes {
        let body = self.json.slice(self.marks[part.start]..=self.marks[part.end]);
        if body.len() == self.json.len() {
            return body;
        }
        let mut body = body.to_vec();
        if let [first, .., last] = &mut body[..] {
            (*first, *last) = (b'[', b']');
        }
        body.into()
    }
}

async fn forward(client: &Client, url: &Url, body: Bytes, count: usize) -> Result<Delivered, ForwardError> {
    let request = client.post(url.clone()).header(header::CONTENT_TYPE, BATCH).body(body);
    let response = request.send().await.map_err(ForwardError::Unreachable)?;
    match response.status() {
        StatusCode::OK => {
            let delivered: Delivered = response.json().await.map_err(ForwardError::Unreachable)?;
            match delivered.seen.len() {
                seen if seen == count => Ok(delivered),
                seen => Err(ForwardError::Miscounted(seen, count)),
            }
        }
        status @ (StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY) => {
            Err(ForwardError::Refused(detail(response).await.unwrap_or_else(|| format!("it answered {status}"))))
        }
        status => {
            let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let after = wait.map_or(AGAIN, Duration::from_secs).clamp(AGAIN, LONGEST);
            // The consumer names the server that it misses.
            let why = match detail(response).await {
                Some(detail) => format!("{status}: {}", detail.trim_end_matches('.')),
                None => status.to_string(),
            };
            Err(ForwardError::Unavailable { why, after })
        }
    }
}

/// The reason of a refused forward, if the answer is a problem.
async fn detail(mut response: Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_PROBLEM_BYTES {
            break;
        }
    }
    let problem: Problem = serde_json::from_slice(&body).ok()?;
    Some(problem.detail.chars().take(MOST_DETAIL_CHARS).collect())
}

fn verdict(seen: Seen) -> Verdict {
    match seen {
        Seen::New | Seen::Reordered => Ok(Taken::New),
        Seen::Duplicate => Ok(Taken::Duplicate),
        Seen::Refused => Err(SinkError::Rejected { reason: CLOSED.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::event;

    /// Two batches with `count` events altogether.
    fn events(count: usize) -> Events {
        let batches = vec![[event()].into(), vec![event(); count - 1].into()];
        Events::of(&Joined { batches, count }).unwrap()
    }

    #[test]
    fn a_part_is_the_array_of_its_events() {
        let events = events(4);
        for part in [0..4, 0..1, 1..3, 3..4] {
            let written = serde_json::to_vec(&vec![event(); part.len()]).unwrap();
            assert_eq!(events.body(&part), written, "{part:?}");
        }
    }

    #[test]
    fn parts_are_as_large_as_they_may_be_and_hold_each_event_once() {
        let events = events(100_000);
        let mut parts = events.parts();
        parts.reverse();
        let sizes: Vec<usize> = parts.iter().map(|part| events.body(part).len()).collect();
        let (last, others) = sizes.split_last().unwrap();
        let one = serde_json::to_vec(&event()).unwrap().len() + 1;
        assert!(others.iter().all(|size| (MOST_BYTES - one + 1..=MOST_BYTES).contains(size)), "{sizes:?}");
        assert!(others.len() > 2 && *last <= MOST_BYTES, "{sizes:?}");
        assert_eq!(parts.into_iter().flatten().collect::<Vec<_>>(), (0..100_000).collect::<Vec<_>>());
    }
}
