//! `GET /api/events?after=…&limit=…&wait_ms=…`: what http-poll's readers read.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use runtime::problem::Refusal;
use serde::Deserialize;

use super::AppState;
use crate::store::RawPage;

/// The most events in one page.
const MOST_EVENTS: i64 = 1000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT_MS: u64 = 30_000;

#[derive(Debug, Deserialize)]
pub(super) struct Cursor {
    /// Only events after this position.
    #[serde(default)]
    after: i64,
    /// At most this many.
    #[serde(default = "most")]
    limit: i64,
    /// How long to wait for the first one.
    #[serde(default)]
    wait_ms: u64,
}

const fn most() -> i64 {
    MOST_EVENTS
}

pub(super) async fn feed(
    State(state): State<AppState>,
    cursor: Result<Query<Cursor>, QueryRejection>,
) -> Result<Json<RawPage>, Refusal> {
    let Query(Cursor { after, limit, wait_ms }) = cursor.map_err(|error| {
        Refusal::bad_request(format!(
            "The query is not understood ({}); give after, limit and wait_ms as numbers.",
            error.body_text()
        ))
    })?;
    if after < 0 || !(1..=MOST_EVENTS).contains(&limit) {
        return Err(Refusal::bad_request(format!("`after` counts from 0, and `limit` from 1 to {MOST_EVENTS}.")));
    }
    let wait = Duration::from_millis(wait_ms.min(LONGEST_WAIT_MS));
    let page = state.stop.run_until_cancelled(state.store.read(after, limit, wait)).await;
    match page {
        Some(Ok(page)) => Ok(Json(page)),
        Some(Err(error)) => Err(Refusal::internal(&error)),
        None => Err(Refusal::unavailable("The backend is stopping.", Duration::from_secs(1))),
    }
}
