//! The original example's contract: `POST /event`, `POST /events`, `GET /events`, and health at `GET /`.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::Event;
use domain::api::seed::{BAD_SCHEMA, SeedClient, SeedEvent, SeedEvents, SeedLog, SeedMessage, by_client};
use domain::api::{MAX_BATCH_EVENTS, Outcome};
use runtime::clock;
use runtime::problem::{Refusal, short};
use uuid::Uuid;

use super::client;
use super::ingest::Wanted;
use super::state::{AppState, Sent};
use crate::sink::Batch;

/// The most events `GET /events` lists, the latest ones.
const MOST_EVENTS: i64 = 10_000;
/// The most bytes of events it lists, as stored.
const MOST_BYTES: usize = 16 << 20;

/// Why a request of the seed's programs is refused.
pub(super) enum SeedRefusal {
    /// The seed's own refusal.
    BadSchema,
    /// A reason that the seed does not have.
    Problem(Refusal),
}

impl IntoResponse for SeedRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::BadSchema => {
                (StatusCode::BAD_REQUEST, Json(SeedMessage { message: BAD_SCHEMA.to_owned() })).into_response()
            }
            Self::Problem(refusal) => refusal.into_response(),
        }
    }
}

impl From<Refusal> for SeedRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Problem(refusal)
    }
}

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/", get(health)).route("/event", post(one)).route("/events", post(many))
}

/// The route that reads events.
pub(super) fn looking() -> Router<AppState> {
    Router::new().route("/events", get(list))
}

async fn health(State(state): State<AppState>) -> Json<SeedMessage> {
    Json(SeedMessage { message: format!("Server running @{}", state.address) })
}

/// A request and its sender.
type Request =
    (State<AppState>, ConnectInfo<SocketAddr>, Result<Query<Wanted>, QueryRejection>, HeaderMap, Result<Sent, Refusal>);

async fn one(request: Request) -> Result<(StatusCode, Json<SeedLog>), SeedRefusal> {
    let event = |body: &[u8]| serde_json::from_slice::<SeedEvent>(body).map(|event| vec![event]);
    let mut logs = take(request, event).await?;
    logs.pop().map(|log| (StatusCode::CREATED, Json(log))).ok_or(SeedRefusal::BadSchema)
}

async fn many(request: Request) -> Result<(StatusCode, Json<Vec<SeedLog>>), SeedRefusal> {
    let events = |body: &[u8]| serde_json::from_slice::<SeedEvents>(body).map(|body| body.events);
    let logs = take(request, events).await?;
    Ok((StatusCode::CREATED, Json(logs)))
}

/// Dispatches the events of the body; answers as the seed does, once all are durable on every chosen route.
async fn take(
    request: Request,
    parse: impl Fn(&[u8]) -> serde_json::Result<Vec<SeedEvent>>,
) -> Result<Vec<SeedLog>, SeedRefusal> {
    let (State(state), ConnectInfo(peer), wanted, headers, sent) = request;
    let choice = Wanted::choice(wanted, state.seed_route)?;
    let Sent { sender, body, room } = sent?;
    let given = parse(&body).map_err(|error| bad(&error))?;
    if given.len() > MAX_BATCH_EVENTS {
        let detail = format!("The batch has {} events; at most {MAX_BATCH_EVENTS} are taken at once.", given.len());
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into());
    }
    sender.events(given.len())?;
    let seen_at = client::ip(peer, &headers, state.trust_forwarded).to_string();
    let now = clock::now();
    let events = given.into_iter().map(|event| {
        let event = event.into_event(Uuid::now_v7(), &seen_at, now);
        event.validate_from_anywhere().map(|()| event).map_err(|error| bad(&error))
    });
    let events: Vec<Event> = events.collect::<Result<_, SeedRefusal>>()?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let batch = Batch { events: events.into(), bytes: body.len() };
    drop((body, room));
    let outcomes = state.dispatch.send(choice.routes(), &batch).await;
    durable(outcomes.iter().flat_map(|of_event| of_event.values()))?;
    Ok(batch.events.iter().cloned().filter_map(SeedLog::of).collect())
}

/// The seed has one status for all events: 201 is right only if all are durable.
fn durable<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Result<(), SeedRefusal> {
    let mut longest: Option<(u64, &str)> = None;
    for outcome in outcomes {
        match outcome {
            Outcome::Accepted | Outcome::Duplicate => (),
            Outcome::Rejected { reason } => return Err(bad(reason)),
            Outcome::Retry { after_ms, reason } => longest = longest.max(Some((*after_ms, reason))),
        }
    }
    let Some((after_ms, reason)) = longest else { return Ok(()) };
    let detail =
        format!("Not every event was accepted on every route: {reason}. Sent again, those that were count twice.");
    Err(Refusal::unavailable(detail, Duration::from_millis(after_ms)).into())
}

fn bad(reason: &dyn Display) -> SeedRefusal {
    metrics::counter!("ese_ingest_invalid_events_total").increment(1);
    // The seed's answer has no room for the reason.
    tracing::info!(reason = short(reason), "a request of the original example's contract was refused");
    SeedRefusal::BadSchema
}

async fn list(State(state): State<AppState>) -> Result<Json<Vec<SeedClient>>, Refusal> {
    let latest = state.store.latest(MOST_EVENTS, MOST_BYTES);
    let events = state.store.database().request(latest).await?;
    Ok(Json(by_client(events)))
}
