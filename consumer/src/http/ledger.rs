//! `GET /api/ledger?session=…&limit=…&inexact=…`: the ledger.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::SessionId;
use domain::api::LedgerView;
use runtime::problem::Refusal;
use serde::Deserialize;

use super::state::AppState;
use crate::live::Sums;
use crate::store::ledger;

/// The most sessions in one answer.
const MOST: i64 = 1000;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    session: Option<SessionId>,
    limit: Option<i64>,
    #[serde(default)]
    inexact: bool,
}

pub(super) async fn ledger(
    State(state): State<AppState>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<LedgerView>, Refusal> {
    let Query(wanted) = wanted.map_err(|_| {
        let detail = "Give `session` as a UUID, `limit` as a number and `inexact` as true or false, or leave them out.";
        Refusal::bad_request(detail)
    })?;
    let sums = state.database.request(state.live.sums(&state.database)).await?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, MOST);
    let drained_at = |route| state.live.drained_at(route);
    let sessions = ledger::sessions(&state.database.reader, wanted.session, wanted.inexact, limit, drained_at);
    let sessions = state.database.request(sessions).await?;
    let Sums { routes, unnumbered, pruned } = sums;
    Ok(Json(LedgerView { routes, unnumbered, pruned, sessions }))
}
