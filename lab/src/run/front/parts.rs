//! The state of the parts over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use runtime::problem::Refusal;
use serde_json::json;

use crate::run::part::{PartView, Parts};

/// 200 when every part is ready, else 503; the body names the parts that are not, and the reasons.
pub(super) async fn readyz(State(parts): State<Arc<Parts>>) -> Response {
    let down: Vec<PartView> = parts.view().await.into_iter().filter(|part| !part.up).collect();
    let status = if down.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": down.is_empty(), "down": down}))).into_response()
}

pub(super) async fn list(State(parts): State<Arc<Parts>>) -> Json<Vec<PartView>> {
    Json(parts.view().await)
}

/// Refuses everything while the parts are being stopped.
pub(super) async fn while_open(
    State(parts): State<Arc<Parts>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    if parts.closing() {
        return Err(Refusal::unavailable("ESE is stopping.", Duration::from_secs(1)));
    }
    Ok(next.run(request).await)
}
