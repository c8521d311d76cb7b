//! `GET /api/disk/consumer`: how much the database has, and its bounds.

use axum::Json;
use axum::extract::State;
use domain::api::DiskView;
use runtime::problem::Refusal;

use super::state::AppState;

pub(super) async fn disk(State(state): State<AppState>) -> Result<Json<DiskView>, Refusal> {
    state.database.request(state.measured.view(&state.database)).await.map(Json)
}
