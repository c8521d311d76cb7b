//! The stand-in for a tracker's own endpoint: it counts every event, goes away, comes back, and refuses.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use flate2::read::GzDecoder;
use lab::run::free_ports;
use runtime::listen::{Limits, serve};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::library::Tracker;

/// The largest body, in bytes, as sent and as decompressed.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// The pause that a refusal asks for, in seconds.
pub const RETRY_AFTER: u32 = 2;

/// The endpoint of one tracker.
pub struct Collector {
    /// Its address, which stays the same while it is away.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    server: Option<AbortOnDropHandle<()>>,
}

struct Shared {
    tracker: Tracker,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// How often the event of each number was taken.
    arrived: BTreeMap<u64, u64>,
    /// The requests with events that are refused yet.
    to_refuse: u32,
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector {
    /// Starts an endpoint.
    pub async fn start(tracker: Tracker) -> Result<Self> {
        let [port] = free_ports::pick()?;
        let shared = Arc::new(Shared { tracker, counts: Mutex::default() });
        let mut collector = Self { address: free_ports::loopback(port), shared, server: None };
        collector.come_back().await?;
        Ok(collector)
    }

    /// Closes all connections; new ones are refused.
    pub async fn go_away(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            server.await.ok();
        }
    }

    /// Listens again.
    pub async fn come_back(&mut self) -> Result<()> {
        let listener = free_ports::listen(self.address.port()).await?;
        let router = Router::new().fallback(answer).with_state(self.shared.clone());
        let server = tokio::spawn(serve(listener, router, Limits::default(), CancellationToken::new()));
        self.server = Some(AbortOnDropHandle::new(server));
        Ok(())
    }

    /// Answers the next `requests` with events with 429.
    pub fn refuse(&self, requests: u32) {
        self.shared.counts().to_refuse = requests;
    }

    /// The refusals that are still to come.
    pub fn refusals_left(&self) -> u32 {
        self.shared.counts().to_refuse
    }

    /// How often the event of each number has arrived.
    pub fn arrived(&self) -> BTreeMap<u64, u64> {
        self.shared.counts().arrived.clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let mut response = if head.method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        match to_bytes(body, MAX_BODY).await {
            Ok(body) => take(&shared, &head.uri, &body).unwrap_or_else(|error| {
                eprintln!("{:?}, {} {}: {error:#}", shared.tracker, head.method, head.uri);
                StatusCode::BAD_REQUEST.into_response()
            }),
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        }
    };
    allow_every_origin(&head.headers, response.headers_mut());
    response
}

/// Counts the events of a request, and answers it.
fn take(shared: &Shared, uri: &Uri, body: &[u8]) -> Result<Response> {
    let value = if body.is_empty() { Value::Null } else { json(body)? };
    let numbers = shared.tracker.numbers(&value);
    let mut counts = shared.counts();
    if !numbers.is_empty() && counts.to_refuse > 0 {
        counts.to_refuse -= 1;
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response());
    }
    for number in numbers {
        *counts.arrived.entry(number).or_default() += 1;
    }
    let route = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("route=")));
    Ok(Json(shared.tracker.answer(route, &value)).into_response())
}

/// The JSON of a body, which may be compressed by gzip.
fn json(body: &[u8]) -> Result<Value> {
    let mut text = Vec::new();
    let text = if body.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(body).take(MAX_BODY as u64).read_to_end(&mut text)?;
        Bytes::from(text)
    } else {
        Bytes::copy_from_slice(body)
    };
    serde_json::from_slice(&text).context("the body is not JSON")
}

/// Trackers send with and without credentials, and with headers of their own.
fn allow_every_origin(request: &HeaderMap, response: &mut HeaderMap) {
    let mut copy = |from, to| {
        if let Some(value) = request.get(from) {
            response.insert(to, value.clone());
        }
    };
    copy(header::ORIGIN, header::ACCESS_CONTROL_ALLOW_ORIGIN);
    copy(header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS);
    copy(header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS);
    response.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, header::HeaderValue::from_static("true"));
    response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, header::HeaderValue::from_static("retry-after"));
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::read::GzEncoder;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn events_are_counted_except_while_it_is_away_or_refuses() -> Result<()> {
        let mut collector = Collector::start(Tracker::Posthog).await?;
        let client = reqwest::Client::new();
        let url = format!("http://{}/e/?compression=gzip-js", collector.address);
        let post = |number: u64| {
            let body = json!([{ "event": "probe", "properties": { "probe": number } }]).to_string();
            client.post(&url).header("origin", "http://a.example").body(body).send()
        };
        assert!(post(1).await?.status().is_success());
        collector.go_away().await;
        assert!(post(2).await.is_err_and(|error| error.is_connect()));
        collector.refuse(1);
        collector.come_back().await?;
        let refused = post(3).await?;
        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"2".parse()?));
        assert_eq!(refused.headers()["access-control-allow-origin"], "http://a.example");
        assert!(post(1).await?.status().is_success());

        let body = json!([{ "properties": { "probe": 4 } }]).to_string();
        let mut compressed = Vec::new();
        GzEncoder::new(body.as_bytes(), Compression::default()).read_to_end(&mut compressed)?;
        assert!(client.post(&url).body(compressed).send().await?.status().is_success());
        assert_eq!(collector.arrived(), BTreeMap::from([(1, 2), (4, 1)]));
        assert_eq!(collector.refusals_left(), 0);
        Ok(())
    }
}
