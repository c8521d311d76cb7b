//! Bodies that are read at once are bounded in bytes: whoever comes when there is no room waits a little with its body
//! unread, and is then told to come back.
//!
//! The wait is for other bodies to be read and parsed, never for a route; a body that trickles in is given up.

use std::time::Duration;

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use domain::api::MAX_BODY_BYTES;
use futures_util::StreamExt;
use runtime::problem::Refusal;
use tokio::sync::OwnedSemaphorePermit;

use super::AppState;

/// How many bytes of bodies are read or parsed at once.
pub(super) const READING_BYTES: usize = 8 * MAX_BODY_BYTES;
/// How long to wait for room.
const WAIT: Duration = Duration::from_secs(1);
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body, and the room it takes until it is dropped.
pub(super) struct Admitted {
    pub(super) body: Bytes,
    pub(super) room: OwnedSemaphorePermit,
}

impl FromRequest<AppState> for Admitted {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes = length.unwrap_or(MAX_BODY_BYTES).clamp(1, MAX_BODY_BYTES);
        let room = u32::try_from(bytes).unwrap_or(u32::MAX);
        let Ok(room) = tokio::time::timeout(WAIT, state.reading.clone().acquire_many_owned(room)).await else {
            drain(request).await;
            return Err(Refusal::unavailable(
                "No event was accepted: the backend has too much to read. Send them again.",
                WAIT,
            ));
        };
        let room = room.map_err(|error| Refusal::internal(&error))?;
        match tokio::time::timeout(PATIENCE, Bytes::from_request(request, &())).await {
            Ok(Ok(body)) => Ok(Self { body, room }),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body is larger than {MAX_BODY_BYTES} bytes; send fewer events at once."),
            )),
            Ok(Err(rejection)) => Err(Refusal::new(rejection.status(), "The body could not be read to its end.")),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, format!("The body did not arrive within {seconds} s.")))
            }
        }
    }
}

/// Lets the body come without keeping it: a client that is cut off while it sends may never hear why.
async fn drain(request: Request) {
    let mut frames = request.with_limited_body().into_body().into_data_stream();
    let all = async { while let Some(Ok(_)) = frames.next().await {} };
    drop(tokio::time::timeout(PATIENCE, all).await);
}
