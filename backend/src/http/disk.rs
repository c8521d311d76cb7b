//! `GET /api/disk/backend`: how much http-poll's store has, and its bounds.

use axum::Json;
use axum::extract::State;
use domain::api::DiskView;
use runtime::problem::Refusal;

use super::state::AppState;

pub(super) async fn disk(State(state): State<AppState>) -> Result<Json<DiskView>, Refusal> {
    state.store.database().request(state.store.disk()).await.map(Json)
}
