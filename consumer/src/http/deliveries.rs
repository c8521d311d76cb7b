//! `POST /api/deliveries`: forwards of http-push; answered after the commit.

use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use domain::api::Delivered;
use domain::{Event, Route};
use runtime::admission::Admitted;
use runtime::clock;
use runtime::problem::{Refusal, short};
use tokio::task::JoinError;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::limits::MAX_DELIVERY_BYTES;
use super::state::AppState;
use crate::process::{Batch, ProcessError, ReceivedEvent};

/// A delivery from its head on.
pub(super) struct UnderWay(TaskTrackerToken);

impl FromRequestParts<AppState> for UnderWay {
    type Rejection = Refusal;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let sources = &state.process.sources;
        let under_way = sources.token();
        // With the token first, either `Process::finished` waits for this delivery, or this delivery is refused.
        if sources.is_closed() {
            return Err(Refusal::unavailable("The consumer is stopping.", Duration::from_secs(1)));
        }
        Ok(Self(under_way))
    }
}

/// Why a delivery had no answer of the step.
#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Ended(#[from] JoinError),
}

pub(super) async fn take(
    State(state): State<AppState>,
    UnderWay(under_way): UnderWay,
    Admitted { body, room }: Admitted<MAX_DELIVERY_BYTES>,
) -> Result<Json<Delivered>, Refusal> {
    let arrived = clock::now();
    let events: Vec<Event> = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a JSON array of events: {}.", short(&error))))?;
    // The backend also forwards events without a session, from the original example's contract. They cannot be deduplicated,
    // so they are processed at least once.
    if let Some(invalid) = events.iter().find_map(|event| event.validate_from_anywhere().err()) {
        return Err(Refusal::bad_request(format!("An event is not valid: {invalid}.")));
    }
    let events = events.into_iter().map(|event| ReceivedEvent { event, arrived, position: None }).collect();
    let batch = Batch { route: Route::HttpPush, events, moves: Vec::new() };
    let process = state.process.clone();
    let taking = async move {
        // In a task of its own: neither a backend that disconnects nor a database that stops answering cancels the step. The
        // events may come again meanwhile, and are duplicates then.
        let taken = tokio::spawn(async move {
            // The events are about as large as the body, so they keep its room.
            let (_room, _under_way) = (room, under_way);
            process.run(batch).await
        });
        Ok::<_, TakeError>(taken.await??)
    };
    state.database.request(taking).await.map(|seen| Json(Delivered { seen }))
}
