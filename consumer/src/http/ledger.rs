//! `GET /api/ledger?session=…&limit=…`: the books.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::SessionId;
use domain::api::LedgerView;
use runtime::problem::Refusal;
use serde::Deserialize;

use super::AppState;
use crate::store::{StoreError, accounts, positions};

/// The most accounts in one answer.
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
    let view = async {
        let drained_at = |route| state.live.drained_at(route);
        let limit = wanted.limit.unwrap_or(100).clamp(1, MOST);
        Ok(LedgerView {
            routes: accounts::sums(&state.database.reader, drained_at).await?,
            unnumbered: positions::unnumbered(&state.database.reader).await?,
            sessions: accounts::sessions(&state.database.reader, wanted.session, limit, drained_at).await?,
        })
    };
    view.await.map(Json).map_err(|error: StoreError| Refusal::internal(&error))
}
