//! `/api/faults`: faults over HTTP, for the page and for `ese fault`.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::api::faults::{ActiveFault, FAULT_TOKEN, FaultRequest, FaultsView};
use runtime::problem::Refusal;

use super::object::Object;
use super::same_origin::same_origin;
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
    let state = FaultApi { faults, token: format!("{:032x}", rand::random::<u128>()).into() };
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

async fn start(
    State(api): State<FaultApi>,
    Object(request): Object<FaultRequest>,
) -> Result<(StatusCode, Json<ActiveFault>), Refusal> {
    let fault = to_its_end(async move { api.faults.start(request).await }).await?;
    Ok((StatusCode::CREATED, Json(fault)))
}

async fn stop(State(api): State<FaultApi>, id: Result<Path<u64>, PathRejection>) -> Result<StatusCode, Refusal> {
    let Path(id) = id?;
    to_its_end(async move { api.faults.stop(id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(State(api): State<FaultApi>) -> Result<StatusCode, Refusal> {
    to_its_end(async move { api.faults.restore().await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does the work to its end even if the client goes away.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, FaultError>> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::spawn(work).await;
    done.map_err(|error| Refusal::internal(&error))?.map_err(refusal)
}

fn refusal(error: FaultError) -> Refusal {
    let status = match &error {
        FaultError::Unknown(..) | FaultError::NotActive(_) | FaultError::Part(PartError::NoPart(..)) => {
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
