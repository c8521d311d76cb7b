//! `/api/faults`: faults over HTTP, for the page and for `ese fault`.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::api::faults::{ActiveFault, FAULT_TOKEN, FaultRequest, FaultsView};
use rand::RngExt;
use runtime::problem::Refusal;

use super::host::same_origin;
use crate::run::faults::{FaultError, Faults};
use crate::run::part::PartError;
use crate::run::supervise::SpawnError;

#[derive(Clone)]
struct FaultApi {
    faults: Faults,
    token: Arc<str>,
}

/// The routes, and `more` routes. Everything with an effect, `more` included, needs the token of `GET /api/faults`, which no
/// page of another site can read.
pub(super) fn routes(faults: Faults, more: Router) -> Router {
    let token: [u8; 16] = rand::rng().random();
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let state = FaultApi { faults, token: token.into() };
    let changes: Router = Router::new()
        .route("/api/faults", post(start).delete(restore))
        .route("/api/faults/{id}", delete(stop))
        .with_state(state.clone())
        .merge(more)
        .route_layer(middleware::from_fn_with_state(state.clone(), with_token))
        .route_layer(middleware::from_fn(same_origin));
    let list: Router = Router::new().route("/api/faults", get(list)).with_state(state);
    list.merge(changes)
}

async fn with_token(State(api): State<FaultApi>, request: Request, next: Next) -> Result<Response, Refusal> {
    let given = request.headers().get(FAULT_TOKEN).map(|value| value.as_bytes());
    if given != Some(api.token.as_bytes()) {
        let detail = format!("Send the token of GET /api/faults in the header {FAULT_TOKEN}. It is new at each start.");
        return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    }
    Ok(next.run(request).await)
}

/// All faults, the active ones, and the token.
async fn list(State(api): State<FaultApi>) -> Json<FaultsView> {
    let faults = api.faults.descriptions().to_vec();
    Json(FaultsView { token: api.token.to_string(), faults, active: api.faults.active().await })
}

/// Starts a fault.
async fn start(
    State(api): State<FaultApi>,
    request: Result<Json<FaultRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<ActiveFault>), Refusal> {
    let Json(request) =
        request.map_err(|rejection| Refusal::new(rejection.status(), format!("{}.", rejection.body_text())))?;
    // The fault is started to its end even if the client goes away.
    let started = tokio::spawn(async move { api.faults.start(request).await }).await;
    let fault = started.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok((StatusCode::CREATED, Json(fault.map_err(refusal)?)))
}

/// Ends a fault.
async fn stop(State(api): State<FaultApi>, Path(id): Path<u64>) -> Result<StatusCode, Refusal> {
    let stopped = tokio::spawn(async move { api.faults.stop(id).await }).await;
    stopped.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all faults.
async fn restore(State(api): State<FaultApi>) -> Result<StatusCode, Refusal> {
    let restored = tokio::spawn(async move { api.faults.restore().await }).await;
    restored.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

fn refusal(error: FaultError) -> Refusal {
    let status = match &error {
        FaultError::Unknown(..) | FaultError::NotActive(_) | FaultError::Part(PartError::NoPart(_)) => {
            StatusCode::NOT_FOUND
        }
        FaultError::UnknownParameter(..) | FaultError::OutOfBounds(..) => StatusCode::BAD_REQUEST,
        FaultError::Active(..)
        | FaultError::Down(_)
        | FaultError::Paused(_)
        | FaultError::Part(
            PartError::NotOurs(_) | PartError::Spawn(SpawnError::Running(_) | SpawnError::NotRunning(_)),
        ) => StatusCode::CONFLICT,
        FaultError::Part(_) | FaultError::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, error.to_string())
}
