//! The parts over HTTP: their state, and, where chaos is allowed, kill and restart.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use runtime::problem::Refusal;
use serde_json::json;

use crate::run::part::{PartError, PartView, Parts};
use crate::run::supervise::SpawnError;

/// 200 when every part is ready, else 503; the body names the parts that are not, and the reasons.
pub(super) async fn readyz(State(parts): State<Arc<Parts>>) -> Response {
    let down: Vec<PartView> = parts.view().await.into_iter().filter(|part| !part.up).collect();
    let status = if down.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": down.is_empty(), "down": down}))).into_response()
}

/// Every part and its state.
pub(super) async fn list(State(parts): State<Arc<Parts>>) -> Json<Vec<PartView>> {
    Json(parts.view().await)
}

/// Kills the part with SIGKILL; it stays down.
pub(super) async fn kill(State(parts): State<Arc<Parts>>, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    let part = parts.get(&name).map_err(|error| refusal(&error.into()))?;
    part.kill().await.map_err(|error| refusal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts the part again; 202, because it may take a while until it is ready.
pub(super) async fn restart(State(parts): State<Arc<Parts>>, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    let part = parts.get(&name).map_err(|error| refusal(&error.into()))?;
    part.restart().await.map_err(|error| refusal(&error))?;
    Ok(StatusCode::ACCEPTED)
}

fn refusal(trouble: &PartError) -> Refusal {
    let status = match trouble {
        PartError::NoPart(_) => StatusCode::NOT_FOUND,
        PartError::NotOurs(_) | PartError::Spawn(SpawnError::Running(_) | SpawnError::NotRunning(_)) => {
            StatusCode::CONFLICT
        }
        PartError::NotReady(..) | PartError::Spawn(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, trouble.to_string())
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
