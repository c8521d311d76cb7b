//! `GET /api/ledger?session=…&limit=…&inexact=…`: the ledger.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::SessionId;
use domain::api::{LedgerView, MAX_SESSIONS};
use runtime::problem::Refusal;
use serde::Deserialize;

use super::state::AppState;
use crate::live::Sums;
use crate::store::ledger;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    session: Option<SessionId>,
    #[serde(default = "usual")]
    limit: u32,
    #[serde(default)]
    inexact: bool,
}

const fn usual() -> u32 {
    100
}

pub(super) async fn ledger(
    State(state): State<AppState>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<LedgerView>, Refusal> {
    let wanted = wanted.ok().map(|Query(wanted)| wanted).filter(|wanted| (1..=MAX_SESSIONS).contains(&wanted.limit));
    let wanted = wanted.ok_or_else(|| {
        Refusal::bad_request(format!(
            "Give `session` as a UUID, `limit` as a number from 1 to {MAX_SESSIONS} and `inexact` as true or false, or \
             leave them out."
        ))
    })?;
    let sums = state.database.request(state.live.sums(&state.database)).await?;
    let limit = wanted.limit.into();
    let drained_at = |route| state.live.drained_at(route);
    let sessions = ledger::sessions(&state.database.reader, wanted.session, wanted.inexact, limit, drained_at);
    let sessions = state.database.request(sessions).await?;
    let Sums { routes, unnumbered, pruned } = sums;
    Ok(Json(LedgerView { routes, unnumbered, pruned, sessions }))
}
