//! A running backend, a fake consumer, and events.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use backend::config::Config;
use clap::Parser;
use domain::Event;
use domain::api::{BATCH, Delivered, IngestReply, Page, Problem};
use domain::ledger::Seen;
use reqwest::Response;
use runtime::problem::Refusal;
use runtime::testing::{Service, serve};
use tempfile::{NamedTempFile, TempDir};
use tokio::sync::Mutex;

/// A backend that stops when it is dropped.
pub(crate) struct Backend {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) directory: TempDir,
    _service: Service,
}

impl Backend {
    /// Starts a backend with these flags.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// Starts a backend on the directory of another.
    pub(crate) async fn start_in(directory: TempDir, flags: &[&str]) -> Self {
        let store = format!("sqlite://{}/store.db", directory.path().display());
        let defaults = [["--store-url", &store], ["--consumer-url", "http://127.0.0.1:9"]];
        let defaults = defaults.iter().filter(|[flag, _]| !flags.contains(flag)).flatten();
        let config = Config::parse_from(["backend"].iter().chain(defaults).chain(flags));
        let service = Service::start(|listener, stopped| backend::app::run(config, listener, stopped)).await;
        Self { url: service.url.clone(), client: reqwest::Client::new(), directory, _service: service }
    }

    pub(crate) async fn post(&self, route: &str, events: &[Event]) -> Response {
        let body = serde_json::to_string(events).unwrap();
        self.post_body(route, BATCH, body).await
    }

    pub(crate) async fn post_body(&self, route: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.client.post(format!("{}/api/events?route={route}", self.url));
        request.header("content-type", content_type).body(body).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn page(&self, after: i64, wait_ms: u64) -> Page {
        self.get(&format!("/api/events?after={after}&wait_ms={wait_ms}")).await.json().await.unwrap()
    }
}

/// A file with the peers' secret, and the headers with it.
pub(crate) fn secret() -> (NamedTempFile, HeaderMap) {
    let secret = "s".repeat(32);
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(secret.as_bytes()).unwrap();
    let bearer = format!("Bearer {secret}").parse().unwrap();
    (file, HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
}

pub(crate) async fn reply(response: Response) -> IngestReply {
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

pub(crate) async fn problem(response: Response) -> Problem {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    response.json().await.unwrap()
}

/// Event number `sequence` of one and the same session.
pub(crate) fn event(sequence: u64) -> Event {
    serde_json::from_value(serde_json::json!({
        "id": format!("0192f0c1-2345-7abc-8def-{sequence:012x}"),
        "source": "/sessions/0192f0c1-0000-7000-8000-000000000001", "type": "ese.click-stream.key-press",
        "time": "2026-01-31T12:00:00Z", "sequence": sequence.to_string(), "data": {"key": "f"}
    }))
    .unwrap()
}

/// The same with nearly as much data as an event may carry.
pub(crate) fn large(sequence: u64) -> Event {
    Event { data: serde_json::json!("x".repeat(16_000)).into(), ..event(sequence) }
}

/// An event with `{"refuse": status}` as its data, for which [`FakeConsumer`] refuses every forward that holds it.
pub(crate) fn refused(sequence: u64, status: u16) -> Event {
    Event { data: serde_json::json!({"refuse": status}).into(), ..event(sequence) }
}

/// An event of a ledger that [`FakeConsumer`] takes for closed.
pub(crate) fn closed(sequence: u64) -> Event {
    Event { data: serde_json::json!({"closed": true}).into(), ..event(sequence) }
}

/// A consumer that keeps ids and accepts forwards one by one, each only with a permit from `turns`.
pub(crate) struct FakeConsumer {
    pub(crate) url: String,
    pub(crate) turns: Arc<tokio::sync::Semaphore>,
    /// How many events each forward had, before its turn.
    pub(crate) forwards: Arc<Mutex<Vec<usize>>>,
    /// How many bytes each forward had.
    pub(crate) sizes: Arc<Mutex<Vec<usize>>>,
    /// The `authorization` of each forward that had one.
    pub(crate) secrets: Arc<std::sync::Mutex<Vec<String>>>,
}

impl FakeConsumer {
    pub(crate) async fn start(turns: usize) -> Self {
        let turns = Arc::new(tokio::sync::Semaphore::new(turns));
        let forwards = Arc::new(Mutex::new(Vec::new()));
        let known = Arc::new(Mutex::new(std::collections::HashSet::new()));
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let state = (turns.clone(), forwards.clone(), sizes.clone(), known);
        let handler = post(async move |headers: HeaderMap, Json(events): Json<Vec<Event>>| {
            let (turns, forwards, sizes, known) = state;
            sizes.lock().await.push(headers["content-length"].to_str().unwrap().parse().unwrap());
            forwards.lock().await.push(events.len());
            turns.acquire().await.unwrap().forget();
            if let Some(status) = events.iter().find_map(|event| event.data.value()["refuse"].as_u64()) {
                let status = StatusCode::from_u16(u16::try_from(status).unwrap()).unwrap();
                let refusal = Refusal::new(status, "An event is not to the consumer's liking.".repeat(20));
                return Err(Refusal { retry_after: Some(Duration::from_secs(7)), ..refusal });
            }
            let mut known = known.lock().await;
            let seen = events.iter().map(|event| match event.data.value()["closed"].as_bool() {
                Some(true) => Seen::Refused,
                _ if known.insert(event.id) => Seen::New,
                _ => Seen::Duplicate,
            });
            Ok(Json(Delivered { seen: seen.collect() }))
        });
        let secrets = Arc::new(std::sync::Mutex::new(Vec::new()));
        let noted = secrets.clone();
        let forgiving = axum::extract::DefaultBodyLimit::disable();
        let router =
            Router::new().route("/api/deliveries", handler).layer(forgiving).layer(axum::middleware::map_request(
                // axum's Json accepts only application/json.
                move |mut request: axum::extract::Request| {
                    assert_eq!(request.headers()["content-type"], BATCH);
                    let secret = request.headers().get("authorization");
                    noted.lock().unwrap().extend(secret.map(|secret| secret.to_str().unwrap().to_owned()));
                    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
                    std::future::ready(request)
                },
            ));
        Self { url: serve(router).await, turns, forwards, sizes, secrets }
    }
}
