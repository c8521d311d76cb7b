//! A running consumer, a fake backend and a fake mailer, and events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use consumer::config::Config;
use domain::api::{BATCH, Delivered, LedgerView, Page, Stored};
use domain::ledger::{Balance, Seen};
use domain::mail_request::{MailRequest, MailStatus};
use domain::{Event, Kind, Route, Timestamp};
use runtime::testing::{Service, serve};
use serde_json::json;
use tempfile::TempDir;

/// A running consumer.
pub(crate) struct Consumer {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) directory: TempDir,
    service: Service,
}

impl Consumer {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// Starts a consumer on the database of another.
    pub(crate) async fn start_in(directory: TempDir, flags: &[&str]) -> Self {
        let database = format!("sqlite://{}/consumer.db", directory.path().display());
        let nobody = "http://127.0.0.1:9";
        let defaults = [["--database-url", &database], ["--backend-url", nobody], ["--mailer-url", nobody]];
        let defaults = defaults.iter().filter(|[flag, _]| !flags.contains(flag)).flatten();
        let config = Config::parse_from(["consumer"].iter().chain(defaults).chain(flags));
        let service = Service::start(|listener, stopped| consumer::app::run(config, listener, stopped)).await;
        Self { url: service.url.clone(), client: reqwest::Client::new(), directory, service }
    }

    /// Stops it and returns the directory with its database.
    pub(crate) async fn stop(self) -> TempDir {
        self.service.stop().await;
        self.directory
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(&mut self) -> anyhow::Result<()> {
        self.service.ended().await
    }

    pub(crate) async fn deliver(&self, events: &[Event]) -> Vec<Seen> {
        let answer = self.post_delivery(BATCH, serde_json::to_string(events).unwrap()).await;
        assert_eq!(answer.status(), 200);
        answer.json::<Delivered>().await.unwrap().seen
    }

    pub(crate) async fn post_delivery(&self, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = self.client.post(format!("{}/api/deliveries", self.url)).header("content-type", content_type);
        request.body(body).send().await.unwrap()
    }

    pub(crate) async fn ledger(&self) -> LedgerView {
        self.client.get(format!("{}/api/ledger", self.url)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn balance(&self, route: Route) -> Balance {
        self.ledger().await.routes[route]
    }
}

pub(crate) const SESSION: &str = "0192f0c1-0000-7000-8000-000000000001";

/// Event number `sequence` of one and the same session, a millisecond after the one before.
pub(crate) fn event(sequence: u64) -> Event {
    Event {
        time: Timestamp::from_millis(1_700_000_000_000 + i64::try_from(sequence).unwrap()),
        ..serde_json::from_value(json!({
            "id": format!("0192f0c1-2345-7abc-8def-{sequence:012x}"), "source": format!("/sessions/{SESSION}"),
            "type": Kind::ButtonClick.name(), "time": "2026-01-31T12:00:00Z", "sequence": sequence.to_string(),
            "partitionkey": "127.0.0.1", "receivedtime": "2026-01-31T12:00:00Z", "data": {}
        }))
        .unwrap()
    }
}

/// The same as a key press, which the rule of steady clicks counts.
pub(crate) fn press(sequence: u64) -> Event {
    Event { kind: Kind::KeyPress.into(), ..event(sequence) }
}

/// A store of http-poll with the test's events.
pub(crate) async fn fake_backend(stored: Arc<Mutex<Vec<Event>>>) -> String {
    #[derive(serde::Deserialize)]
    struct Cursor {
        after: i64,
    }
    let feed = async |State(stored): State<Arc<Mutex<Vec<Event>>>>, Query(cursor): Query<Cursor>| {
        // A real store waits while it has no events; so does this one, a little.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let stored = stored.lock().unwrap();
        let events = (1..).zip(stored.iter().cloned()).map(|(position, event)| Stored { position, event });
        let events = events.skip_while(|stored| stored.position <= cursor.after).collect();
        Json(Page { events, head: i64::try_from(stored.len()).unwrap(), expired: 0 })
    };
    serve(Router::new().route("/api/events", get(feed)).with_state(stored)).await
}

/// A mailer that keeps its requests, or refuses them while `down`.
#[derive(Clone, Default)]
pub(crate) struct FakeMailer {
    pub(crate) down: Arc<std::sync::atomic::AtomicBool>,
    pub(crate) taken: Arc<Mutex<Vec<MailRequest>>>,
    /// The `authorization` of each POST that had one.
    pub(crate) secrets: Arc<Mutex<Vec<String>>>,
}

impl FakeMailer {
    pub(crate) async fn start(&self) -> String {
        let take = async |State(mailer): State<Self>, headers: HeaderMap, Json(requests): Json<Vec<MailRequest>>| {
            let secret = headers.get("authorization").map(|secret| secret.to_str().unwrap().to_owned());
            mailer.secrets.lock().unwrap().extend(secret);
            if mailer.down.load(std::sync::atomic::Ordering::Relaxed) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            mailer.taken.lock().unwrap().extend(requests);
            StatusCode::ACCEPTED
        };
        let latest = async || Json(Vec::<MailStatus>::new());
        serve(Router::new().route("/api/mails", get(latest).post(take)).with_state(self.clone())).await
    }
}
