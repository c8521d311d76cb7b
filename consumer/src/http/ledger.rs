//! `GET /api/ledger?session=…&limit=…`: the ledger.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::SessionId;
use domain::api::LedgerView;
use runtime::problem::Refusal;
use serde::Deserialize;

use super::state::AppState;
use crate::store::ledger;

/// The most sessions in one answer.
const MOST: i64 = 1000;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    session: Option<SessionId>,
    limit: Option<i64>,
}

pub(super) async fn ledger(
    State(state): State<AppState>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<LedgerView>, Refusal> {
    let Query(wanted) = wanted
        .map_err(|_| Refusal::bad_request("Give `session` as a UUID and `limit` as a number, or leave them out."))?;
    let sums = state.live.sums(&state.database).await.map_err(|error| Refusal::internal(&error))?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, MOST);
    let drained_at = |route| state.live.drained_at(route);
    let sessions = ledger::sessions(&state.database.reader, wanted.session, limit, drained_at).await;
    let sessions = sessions.map_err(|error| Refusal::internal(&error))?;
    Ok(Json(LedgerView { routes: sums.routes, unnumbered: sums.unnumbered, sessions }))
}
