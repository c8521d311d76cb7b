//! `/api/guarantee`: the guarantees over HTTP; a change needs the token of the faults.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use domain::api::GuaranteeView;
use domain::{ByRoute, Guarantee};
use runtime::problem::Refusal;

use super::object::Object;
use crate::run::guarantees::Guarantees;

/// The route that only reads.
pub(super) fn read(guarantees: Guarantees) -> Router {
    Router::new().route("/api/guarantee", get(view)).with_state(guarantees)
}

/// The route that changes, not protected yet.
pub(super) fn change(guarantees: Guarantees) -> Router {
    Router::new().route("/api/guarantee", put(set)).with_state(guarantees)
}

async fn view(State(guarantees): State<Guarantees>) -> Json<GuaranteeView> {
    Json(GuaranteeView::new(guarantees.now()))
}

async fn set(
    State(guarantees): State<Guarantees>,
    Object(routes): Object<ByRoute<Guarantee>>,
) -> Result<Json<GuaranteeView>, Refusal> {
    let changed = guarantees.change(routes).map_err(|error| {
        let detail = format!("The file of the guarantees could not be written: {error}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    })?;
    Ok(Json(GuaranteeView::new(changed)))
}
