//! The programs of the original example, at the front door: their requests and the answers that they expect.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::{ADDRESS, BACKEND, INGEST, SECOND_INGEST, docker, until, variable};

/// The origin of the original's page: another port, so another origin.
const PAGE: &str = "http://localhost:3000";
/// The client of the events; no other events in this stack have it.
const IP: &str = "10.7.0.1";
/// The addresses that a page of the original posts to.
const PATHS: [&str; 3] = ["/event", "/events", "/topics/click-events"];
const JSON: &str = "application/json";
const RECORDS: &str = "application/vnd.kafka.json.v2+json";

#[tokio::test]
#[ignore = "needs the containers; `cargo xtask compose-test` starts them and runs it"]
async fn the_original_examples_programs_work_unchanged() -> Result<()> {
    let front = Front { client: Client::new(), address: variable(ADDRESS)? };
    let now = runtime::clock::now().millis();

    // Three presses of a key within a second, one alone and two together: the original's rule finds them.
    let press = |after: i64| {
        let kind = json!({"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"});
        json!({"event": kind, "timestamp": now + after, "ip": IP, "data": {"key": "f"}})
    };
    let first = front.post("/event", JSON, &press(0), 201).await?;
    let others = front.post("/events", JSON, &json!({"events": [press(1), press(2)]}), 201).await?;
    let taken = [&first, &others[0], &others[1]];
    for (after, log) in (0..).zip(taken) {
        let mut expected = json!({
            "type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT", "ip": IP, "client_ts": now + after,
            "data": {"key": "f"}
        });
        expected["server_ts"] = log["server_ts"].clone();
        assert_eq!(*log, expected);
        ensure!(log["server_ts"].is_i64(), "the log has the time of arrival: {log}");
    }
    let clients = front.get("/events").await?;
    let ours = clients.as_array().context("a list of clients")?.iter().find(|client| client["ip"] == IP);
    assert_eq!(ours, Some(&json!({"ip": IP, "event_logs": taken})), "what was taken is listed by client");
    let bad = front.post("/event", JSON, &json!({"event": "none"}), 400).await?;
    assert_eq!(bad, json!({"message": "Bad data schema passed"}));

    // The same through the REST gateway, whose programs read the schema first.
    for (topic, id) in [("click-events", 1), ("order-events", 2)] {
        assert_eq!(front.get(&format!("/subjects/{topic}-value/versions")).await?, json!([1]));
        let version = front.get(&format!("/subjects/{topic}-value/versions/1")).await?;
        assert_eq!((&version["subject"], &version["id"]), (&json!(format!("{topic}-value")), &json!(id)));
        let schema: Value = serde_json::from_str(version["schema"].as_str().context("a schema")?)?;
        assert_eq!(schema["required"], json!(["sub_type", "ip", "client_timestamp", "data"]));
    }
    let record = |after: i64| {
        let data = "{\"key\":\"f\"}";
        json!({"value": {"sub_type": "KEY_PRESS_EVENT", "ip": IP, "client_timestamp": now + after, "data": data}})
    };
    let produced = front
        .post("/topics/click-events", RECORDS, &json!({"records": [record(0), record(1), record(2)]}), 200)
        .await?;
    let places = produced["offsets"].as_array().context("the records' places")?;
    assert_eq!(places.len(), 3);
    for place in places {
        ensure!(place["partition"].is_i64() && place["offset"].is_i64() && place["error"].is_null(), "{place}");
    }
    let unknown = front.post("/topics/pigeons", RECORDS, &json!({"records": [record(0)]}), 404).await?;
    assert_eq!(unknown["error_code"], 40401);

    // The presses are found once on each of the two routes, with a mail each.
    let subject = format!("Steady clicks from {IP}");
    let both = async || {
        let mails = front.get("/api/inbox").await?;
        let ours = mails.as_array().context("a list of mails")?.iter().filter(|mail| mail["subject"] == *subject);
        Ok(ours.count() == 2)
    };
    until("two mails about the original's events", Duration::from_secs(30), both).await?;
    front.other_origins().await?;
    backend(&variable(BACKEND)?).await?;
    front.without_backends().await
}

/// HAProxy's answers to a page of the original.
struct Front {
    client: Client,
    address: String,
}

impl Front {
    async fn get(&self, path: &str) -> Result<Value> {
        self.answer(self.client.get(self.url(path)), path, 200).await
    }

    async fn post(&self, path: &str, content_type: &str, body: &Value, status: u16) -> Result<Value> {
        let request = self.client.post(self.url(path)).header("content-type", content_type);
        self.answer(request.body(body.to_string()), path, status).await
    }

    /// The body of an answer that the page may read.
    async fn answer(&self, request: RequestBuilder, path: &str, status: u16) -> Result<Value> {
        let answer = request.header("origin", PAGE).send().await?;
        let (got, allowed) = (answer.status(), answer.headers().get("access-control-allow-origin").cloned());
        let body = answer.text().await?;
        ensure!(got.as_u16() == status, "{path} is answered {got}, not {status}: {body}");
        ensure!(
            path.starts_with("/api/") || allowed.is_some_and(|origin| origin == "*"),
            "{path} is for our page alone"
        );
        serde_json::from_str(&body).with_context(|| format!("{path} is answered {body}"))
    }

    /// A browser asks before it posts JSON to another origin; a page that is not on this machine may not.
    async fn other_origins(&self) -> Result<()> {
        self.preflights().await?;
        for path in PATHS {
            let far = self.client.post(self.url(path)).header("origin", "http://shop.example").send().await?;
            assert_eq!(far.status(), StatusCode::FORBIDDEN, "{path}");
        }
        Ok(())
    }

    /// While no backend is there, the page can read the refusal of HAProxy itself.
    async fn without_backends(&self) -> Result<()> {
        let ingest = [variable(INGEST)?, variable(SECOND_INGEST)?];
        for container in &ingest {
            docker("kill", container)?;
        }
        let refused = self.refused().await;
        // They are started again before the result is checked.
        for container in &ingest {
            docker("start", container)?;
        }
        refused?;
        let back = async || Ok(self.post("/events", JSON, &json!({"events": []}), 201).await.is_ok());
        until("the backends are back", Duration::from_secs(30), back).await.map(drop)
    }

    async fn refused(&self) -> Result<()> {
        let noticed = async || Ok(self.client.get(self.url("/readyz")).send().await?.status() == 503);
        until("HAProxy misses the backends", Duration::from_secs(30), noticed).await?;
        let refusal = self.post("/event", JSON, &json!({}), 503).await?;
        ensure!(refusal["retry_after_ms"] == 1000, "HAProxy's refusal is {refusal}");
        self.preflights().await
    }

    async fn preflights(&self) -> Result<()> {
        for path in PATHS {
            let ask = self.client.request(Method::OPTIONS, self.url(path)).header("origin", PAGE);
            let ask = ask.header("access-control-request-method", "POST");
            let answer = ask.header("access-control-request-headers", "content-type").send().await?;
            ensure!(answer.status() == StatusCode::OK, "{path}: the preflight is answered {}", answer.status());
            let allowed = |name: &str| {
                let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
                value.unwrap_or_default().to_ascii_lowercase()
            };
            ensure!(allowed("access-control-allow-methods").contains("post"), "{path} lets no page post");
            ensure!(allowed("access-control-allow-headers").contains("content-type"), "{path} lets no page post JSON");
            ensure!(allowed("access-control-allow-origin") == "*", "{path} lets no other origin in");
        }
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

/// Health and metrics are the backend's own, because the front door's `/` is the page.
async fn backend(address: &str) -> Result<()> {
    let health: Value = reqwest::get(format!("{address}/")).await?.error_for_status()?.json().await?;
    let message = health["message"].as_str().unwrap_or_default();
    ensure!(message.starts_with("Server running @"), "the backend's health is {health}");
    let metrics = reqwest::get(format!("{address}/metrics")).await?.error_for_status()?.text().await?;
    let counted = "ese_ingest_events_total{route=\"http-poll\",outcome=\"accepted\"}";
    ensure!(metrics.contains(counted), "the backend counts no {counted}: {metrics}");
    Ok(())
}
