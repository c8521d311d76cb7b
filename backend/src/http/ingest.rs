//! `POST /api/events?route=…`: validates, stamps and dispatches events; answers with a result for each event and route.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use domain::api::{EventResult, IngestReply, Outcome};
use domain::event::{TypePattern, admit};
use domain::{ByRoute, Event, RouteChoice};
use runtime::clock;
use runtime::problem::{Refusal, short};
use runtime::trace::{self, Span};
use serde::Deserialize;

use super::body::{self, Item};
use super::client;
use super::state::{AppState, Sent};
use crate::sink::{Batch, SinkError};

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    route: Option<String>,
}

impl Wanted {
    /// The wanted route, or else the default.
    pub(super) fn choice(
        wanted: Result<Query<Self>, QueryRejection>,
        default: RouteChoice,
    ) -> Result<RouteChoice, Refusal> {
        let malformed = |error: QueryRejection| format!("The query is malformed ({}).", error.body_text());
        let Query(wanted) = wanted.map_err(|error| Refusal::bad_request(malformed(error)))?;
        let Some(name) = wanted.route else { return Ok(default) };
        name.parse().map_err(|error| Refusal::bad_request(format!("{error}.")))
    }
}

pub(super) async fn ingest(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
    Sent { sender, body, room }: Sent,
) -> Result<Json<IngestReply>, Refusal> {
    let choice = Wanted::choice(wanted, state.default_route)?;
    // Under overload, parsing events that must be refused would be the larger part of the work.
    if let Some(SinkError::Retryable { reason, after }) = state.dispatch.full(choice.routes(), body.len()) {
        return Err(Refusal::unavailable(format!("No event was accepted: {reason}. Send them again."), after));
    }
    let items = body::items(&headers, &body)?;
    sender.events(items.len())?;
    let ip = client::ip(peer, &headers, state.trust_forwarded).to_string();
    let now = clock::now();

    // Invalid events go no further; the others get the backend's attributes.
    let (mut results, mut events) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    let mut spans = Vec::new();
    for Item { id, event } in items {
        let routes = match event.and_then(|event| admitted(event, &state.topics.event_types)) {
            Ok(event) => {
                let attributes =
                    || vec![("event.id", event.id.to_string()), ("event.type", event.kind.name().to_owned())];
                let span = trace::begin("ingest", event.traceparent.as_deref(), now, attributes);
                let traceparent = span.as_ref().map(Span::traceparent).or(event.traceparent);
                spans.extend(span);
                events.push(Event { partitionkey: ip.clone(), receivedtime: Some(now), traceparent, ..event });
                ByRoute::new()
            }
            Err(reason) => {
                let rejected = |&route| (route, Outcome::Rejected { reason: reason.clone() });
                choice.routes().iter().map(rejected).collect()
            }
        };
        results.push(EventResult { id, routes });
    }
    let invalid = results.len() - events.len();
    if invalid > 0 {
        metrics::counter!("ese_ingest_invalid_events_total").increment(invalid as u64);
    }
    // From here on the routes' queues bound the events.
    let bytes = body.len();
    drop((body, room));
    let none_valid = events.is_empty();
    if !none_valid {
        let outcomes = state.dispatch.send(choice.routes(), &Batch { events: events.into(), bytes }).await;
        let valid = results.iter_mut().filter(|result| result.routes.is_empty());
        valid.zip(outcomes).for_each(|(result, outcomes)| result.routes = outcomes);
    }
    spans.into_iter().for_each(|span| span.end(clock::now()));
    match refused_whole(&results, none_valid) {
        Some(refusal) => Err(Refusal { results, ..refusal }),
        None => {
            let (received_us, answered_us) = (Some(now.micros()), Some(clock::now().micros()));
            Ok(Json(IngestReply { results, received_us, answered_us }))
        }
    }
}

/// The event, if its type is known or one of the `own`.
fn admitted(event: Event, own: &[TypePattern]) -> Result<Event, String> {
    admit(&event.kind, own).map(|()| event).map_err(|error| short(&error))
}

/// The refusal of a request without any accepted event, for clients that look only at the status.
fn refused_whole(results: &[EventResult], none_valid: bool) -> Option<Refusal> {
    let mut outcomes = results.iter().flat_map(|result| result.routes.values());
    if none_valid {
        let first = outcomes.find_map(|outcome| match outcome {
            Outcome::Rejected { reason } => Some(reason.as_str()),
            _ => None,
        });
        return Some(Refusal::bad_request(format!(
            "No event of the request is valid. The first: {}.",
            first.unwrap_or_default()
        )));
    }
    let mut longest: Option<(u64, &str)> = None;
    for outcome in outcomes {
        match outcome {
            Outcome::Retry { after_ms, reason } => longest = longest.max(Some((*after_ms, reason))),
            Outcome::Accepted | Outcome::Duplicate => return None,
            Outcome::Rejected { .. } => (),
        }
    }
    let (after_ms, reason) = longest?;
    Some(Refusal::unavailable(
        format!("No event was accepted: {reason}. Send them again."),
        Duration::from_millis(after_ms),
    ))
}
