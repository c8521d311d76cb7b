//! The simulator over HTTP, for the page: one simulation at a time, within bounds, against this front door. The simulations
//! that run in terminals are shown as well.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use axum::{Json, Router, middleware};
use domain::api::simulation::{Parameters, Progress, SimulationView, Summary};
use runtime::problem::Refusal;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::announced::{Announced, EXPIRY};
use super::{Clients, PAGE_LINGER_MS, Setting};
use crate::run::front::{Object, Work, same_origin};

/// The most bytes of a request: several times those of an announcement.
const MOST_BYTES: usize = 8 * 1024;

/// The routes of the simulator; it sends to `front`, and ends when the work does.
pub fn routes(front: SocketAddr, work: &Work) -> Router {
    let changes = Router::new()
        .route("/api/simulation", post(start).delete(stop))
        .route("/api/simulation/{id}", put(announce))
        .route_layer(DefaultBodyLimit::max(MOST_BYTES))
        .route_layer(middleware::from_fn(same_origin));
    Router::new().route("/api/simulation", get(look)).merge(changes).with_state(Simulations::new(
        front,
        work.headers.clone(),
        work.stop.clone(),
    ))
}

/// The running simulation, the summary of the last one, and the simulations that run in terminals.
struct Simulations {
    target: String,
    headers: HeaderMap,
    /// Cancelled when everything stops.
    close: CancellationToken,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    running: Option<(Arc<Clients>, CancellationToken)>,
    last: Option<Summary>,
    announced: Announced,
}

impl Simulations {
    fn new(front: SocketAddr, headers: HeaderMap, close: CancellationToken) -> Arc<Self> {
        let target = format!("http://127.0.0.1:{}", front.port());
        Arc::new(Self { target, headers, close, now: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The progress, the summary of the last simulation, and the simulations that run in terminals.
async fn look(State(simulations): State<Arc<Simulations>>) -> Json<SimulationView> {
    let (clients, last, announced) = {
        let mut now = simulations.lock();
        let clients = now.running.as_ref().map(|(clients, _)| clients.clone());
        (clients, now.last.clone(), now.announced.view(Instant::now()))
    };
    Json(SimulationView { running: clients.map(|clients| clients.progress()), last, announced })
}

/// Starts a simulation; 409 while another one runs.
async fn start(
    State(simulations): State<Arc<Simulations>>,
    Object(parameters): Object<Parameters>,
) -> Result<(StatusCode, Json<SimulationView>), Refusal> {
    parameters.check().map_err(|error| Refusal::bad_request(format!("{error}.")))?;
    let stop = simulations.close.child_token();
    let clients = {
        let mut now = simulations.lock();
        if now.running.is_some() {
            let detail = "A simulation is under way; DELETE /api/simulation stops it.";
            return Err(Refusal::new(StatusCode::CONFLICT, detail));
        }
        let target = simulations.target.clone();
        let headers = simulations.headers.clone();
        let setting = Setting { headers, linger_ms: PAGE_LINGER_MS, ..Setting::new(target) };
        let clients =
            Arc::new(Clients::new(parameters, setting).map_err(|error| Refusal::bad_request(format!("{error:#}.")))?);
        now.running = Some((clients.clone(), stop.clone()));
        clients
    };
    let progress = clients.progress();
    let running = tokio::spawn(async move { clients.run(&stop).await });
    let waiting = simulations.clone();
    tokio::spawn(async move {
        let ended = running.await.inspect_err(|error| tracing::error!(%error, "the simulation broke"));
        let mut now = waiting.lock();
        now.running = None;
        now.last = ended.ok();
    });
    Ok((StatusCode::ACCEPTED, Json(SimulationView { running: Some(progress), ..SimulationView::default() })))
}

/// Ends the schedule of the running simulation; its sent events are still followed into the ledger. 404 if none runs.
async fn stop(State(simulations): State<Arc<Simulations>>) -> Result<StatusCode, Refusal> {
    match &simulations.lock().running {
        Some((_, stop)) => stop.cancel(),
        None => return Err(Refusal::new(StatusCode::NOT_FOUND, "No simulation is under way.")),
    }
    Ok(StatusCode::ACCEPTED)
}

/// Shows a simulation that runs in a terminal, until it is silent.
async fn announce(
    State(simulations): State<Arc<Simulations>>,
    id: Result<Path<Uuid>, PathRejection>,
    Object(progress): Object<Progress>,
) -> Result<StatusCode, Refusal> {
    let Path(id) = id?;
    progress.parameters.check_in_terminal().map_err(|error| Refusal::bad_request(format!("{error}.")))?;
    if simulations.lock().announced.put(id, progress, Instant::now()) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::unavailable("So many simulations are shown already that there is no room for this one.", EXPIRY))
}
