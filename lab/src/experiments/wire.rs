//! The HTTP client of simulated clients: a request without an answer may or may not have had its effect.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::Context;
use domain::api::simulation::Progress;
use domain::api::{BATCH, EventResult, LedgerView, Outcome, SessionReport, Snapshot};
use domain::ledger::Balance;
use domain::{Event, Route, RouteChoice, SessionId};
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, header};
use runtime::listen::CLIENT_IDLE;
use serde::de::DeserializeOwned;
use tracker::Answer;
use uuid::Uuid;

use super::live_stream::LiveStream;

/// How long an announcement may take.
const ANNOUNCEMENT: Duration = Duration::from_secs(1);

/// A connection to the front door.
pub struct Wire {
    http: reqwest::Client,
    address: String,
}

impl Wire {
    /// To the front door at `address`, from the local address `from` if one is given.
    pub fn new(address: &str, from: Option<IpAddr>) -> anyhow::Result<Self> {
        Self::with(address, from, HeaderMap::new())
    }

    /// The same with these headers in each request.
    pub fn with(address: &str, from: Option<IpAddr>, headers: HeaderMap) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().local_address(from).pool_idle_timeout(CLIENT_IDLE);
        let http = http.default_headers(headers).timeout(Duration::from_secs(15)).build()?;
        Ok(Self { http, address: address.replace("localhost", "127.0.0.1") })
    }

    /// Sends a batch of CloudEvents.
    pub async fn post(&self, choice: RouteChoice, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.http.post(format!("{}/api/events?route={choice}", self.address));
        let answer = async {
            let response = request.header(header::CONTENT_TYPE, BATCH).body(body).send().await?;
            let status = response.status();
            if status.is_success() {
                return Ok(Answer::Reply(response.json().await?));
            }
            let title = status.canonical_reason().unwrap_or_default().to_owned();
            let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
            let retry_after = retry_after.as_ref().and_then(|value| value.to_str().ok());
            Ok(Answer::refused(status.as_u16(), title, retry_after, &response.text().await?))
        };
        answer.await.unwrap_or_else(|error: reqwest::Error| Answer::Unreachable(error.to_string()))
    }

    /// Sends events; returns the outcomes in the answer, by event and route.
    pub async fn send(&self, choice: RouteChoice, events: &[Event]) -> HashMap<(Uuid, Route), Outcome> {
        let Ok(body) = serde_json::to_vec(events) else { return HashMap::new() };
        let results = match self.post(choice, body).await {
            Answer::Reply(reply) => reply.results,
            Answer::Refused(problem) => problem.results,
            Answer::Unreachable(_) => Vec::new(),
        };
        let by_route = |result: EventResult| {
            let id: Option<Uuid> = result.id.and_then(|id| id.parse().ok());
            result.routes.into_iter().filter_map(move |(route, outcome)| Some(((id?, route), outcome)))
        };
        results.into_iter().flat_map(by_route).collect()
    }

    /// Sends a report; returns whether the consumer acknowledged it, or refused it for good: then it would refuse it again.
    pub async fn report(&self, session: SessionId, report: &SessionReport) -> bool {
        let request = self.http.post(format!("{}/api/sessions/{session}/report", self.address)).json(report);
        let is_done = |status: StatusCode| status.is_success() || status == StatusCode::BAD_REQUEST;
        request.send().await.is_ok_and(|answer| is_done(answer.status()))
    }

    /// Announces a simulation; returns the status of the answer, if one came.
    pub(crate) async fn announce(&self, id: Uuid, progress: &Progress) -> Option<StatusCode> {
        let request = self.http.put(format!("{}/api/simulation/{id}", self.address)).json(progress);
        request.timeout(ANNOUNCEMENT).send().await.ok().map(|answer| answer.status())
    }

    /// The live stream; it has no time limit of its own.
    pub(crate) async fn live(&self) -> reqwest::Result<LiveStream> {
        let stream = self.http.get(format!("{}/api/live", self.address)).timeout(Duration::MAX);
        Ok(LiveStream::new(stream.send().await?.error_for_status()?))
    }

    /// The present state, with which the live stream begins.
    pub async fn snapshot(&self) -> anyhow::Result<Snapshot> {
        let first = self.live().await?.next().await?.context("the live stream ended")?;
        first.content("snapshot").context("the live stream has no snapshot")
    }

    /// The JSON at this path.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> reqwest::Result<T> {
        self.http.get(format!("{}{path}", self.address)).send().await?.error_for_status()?.json().await
    }

    /// The sum of the ledger over all sessions of one route.
    pub async fn ledger_sum(&self, route: Route) -> reqwest::Result<Balance> {
        let view: LedgerView = self.get("/api/ledger?limit=1").await?;
        Ok(view.routes.get(route).copied().unwrap_or_default())
    }

    /// The ledger of one session.
    pub async fn ledger(&self, session: SessionId) -> reqwest::Result<LedgerView> {
        self.get(&format!("/api/ledger?session={session}")).await
    }
}
