//! `GET /api/events?after=…&limit=…&wait_ms=…`: the feed of http-poll; the consumer acknowledges with `acknowledged`.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use runtime::problem::Refusal;
use serde::Deserialize;

use super::state::AppState;
use crate::store::feed_page::MOST_EVENTS;
use crate::store::{Cursor, StoreError};

/// The longest wait, in milliseconds.
const LONGEST_WAIT_MS: u64 = 30_000;
/// The wait of a refused reader.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// Only events after this position.
    #[serde(default)]
    after: i64,
    /// At most this many.
    #[serde(default = "most")]
    limit: i64,
    /// How long to wait for the first one.
    #[serde(default)]
    wait_ms: u64,
    /// The consumer has processed all events up to this position.
    acknowledged: Option<i64>,
}

const fn most() -> i64 {
    MOST_EVENTS
}

pub(super) async fn feed(
    State(state): State<AppState>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let Query(Asked { after, limit, wait_ms, acknowledged }) = asked.map_err(|error| {
        Refusal::bad_request(format!(
            "The query is malformed ({}); give after, limit, wait_ms and acknowledged as numbers.",
            error.body_text()
        ))
    })?;
    if after < 0 || acknowledged.is_some_and(|position| position < 0) || !(1..=MOST_EVENTS).contains(&limit) {
        return Err(Refusal::bad_request(format!(
            "`after` and `acknowledged` count from 0, and `limit` from 1 to {MOST_EVENTS}."
        )));
    }
    let peer = state.peers.check(&headers);
    if let Some(position) = acknowledged {
        // Any client may read; only the consumer may acknowledge.
        peer.clone()?;
        state.store.acknowledge(position);
    }
    let wait = Duration::from_millis(wait_ms.min(LONGEST_WAIT_MS));
    let cursor = Cursor { after, limit, wait, peer: peer.is_ok() };
    let reading = async {
        match state.store.read(cursor).await {
            Err(StoreError::TooManyReaders) => Ok(None),
            page => page.map(Some),
        }
    };
    match state.stop.run_until_cancelled(state.store.database().request(reading)).await {
        Some(Ok(Some(page))) => Ok(([(header::CONTENT_TYPE, "application/json")], page.into_json())),
        Some(Ok(None)) => {
            let detail = "Too many readers wait for events already. Ask again later, or without `wait_ms`.";
            Err(Refusal::unavailable(detail, AGAIN))
        }
        Some(Err(refusal)) => Err(refusal),
        None => Err(Refusal::unavailable("The backend is stopping.", AGAIN)),
    }
}
