//! The parts over HTTP: how they are, and, where chaos is allowed, their death and return.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use runtime::problem::Refusal;
use serde_json::json;

use crate::run::part::{PartView, Parts, Trouble};
use crate::run::supervise::SpawnError;

/// 200 when every part is ready, else 503; the body says which is not, and why.
pub(super) async fn readyz(State(parts): State<Arc<Parts>>) -> Response {
    let down: Vec<PartView> = parts.view().await.into_iter().filter(|part| !part.up).collect();
    let status = if down.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": down.is_empty(), "down": down}))).into_response()
}

/// Every part and how it is.
pub(super) async fn list(State(parts): State<Arc<Parts>>) -> Json<Vec<PartView>> {
    Json(parts.view().await)
}

/// SIGKILL; the part stays down.
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

fn refusal(trouble: &Trouble) -> Refusal {
    let status = match trouble {
        Trouble::NoPart(_) => StatusCode::NOT_FOUND,
        Trouble::NotOurs(_) | Trouble::Spawn(SpawnError::Running(_) | SpawnError::NotRunning(_)) => {
            StatusCode::CONFLICT
        }
        Trouble::NotReady { .. } | Trouble::Spawn(_) => StatusCode::INTERNAL_SERVER_ERROR,
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
