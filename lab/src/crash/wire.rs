//! The client's side of the wire: a request either has an answer or it has none, and then nothing is known.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use domain::api::{BATCH, EventResult, IngestReply, Outcome, Problem, SessionReport};
use domain::{Event, Route, RouteChoice, SessionId};
use uuid::Uuid;

/// A connection to the front door from an address of its own.
pub(super) struct Wire {
    http: reqwest::Client,
    address: String,
}

impl Wire {
    pub(super) fn new(address: String, from: IpAddr) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().local_address(from).timeout(Duration::from_secs(15)).build()?;
        Ok(Self { http, address: address.replace("localhost", "127.0.0.1") })
    }

    /// Sends events; the outcomes that an answer gave, by event and route.
    pub(super) async fn send(&self, choice: RouteChoice, events: &[Event]) -> HashMap<(Uuid, Route), Outcome> {
        let Ok(body) = serde_json::to_vec(events) else { return HashMap::new() };
        let request = self.http.post(format!("{}/api/events?route={choice}", self.address));
        let answer = request.header(reqwest::header::CONTENT_TYPE, BATCH).body(body).send().await;
        let results = match answer {
            Ok(answer) if answer.status().is_success() => answer.json::<IngestReply>().await.map(|reply| reply.results),
            Ok(answer) => answer.json::<Problem>().await.map(|problem| problem.results),
            Err(error) => Err(error),
        };
        let by_route = |result: EventResult| {
            let id: Option<Uuid> = result.id.and_then(|id| id.parse().ok());
            result.routes.into_iter().filter_map(move |(route, outcome)| Some(((id?, route), outcome)))
        };
        results.unwrap_or_default().into_iter().flat_map(by_route).collect()
    }

    /// Whether the consumer heard the report.
    pub(super) async fn report(&self, session: SessionId, report: &SessionReport) -> bool {
        let request = self.http.post(format!("{}/api/sessions/{session}/report", self.address)).json(report);
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}
