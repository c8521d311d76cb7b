//! The consumer's HTTP interface.

mod deliveries;
mod ledger;
mod live;
mod reports;
mod use_cases;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use domain::api::BATCH;
use runtime::admission::Admission;
use runtime::database::Database;
use runtime::peers::{PeerToken, peers_only};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::process::Process;

/// The most pages that may listen at once.
const LISTENERS: usize = 256;
/// The largest forward the backend makes, with room to spare.
const MAX_DELIVERY_BYTES: usize = 8 << 20;
/// The largest report: some twenty thousand ranges.
const MAX_REPORT_BYTES: usize = 256 << 10;

/// The largest change of settings.
const MAX_SETTINGS_BYTES: usize = 16 << 10;

/// How many bytes of bodies are read or processed at once.
const READING_BYTES: usize = 32 << 20;

/// The state of the handlers.
#[derive(Clone)]
pub struct AppState {
    /// The step.
    pub process: Arc<Process>,
    /// The hub of the pages.
    pub live: Arc<Live>,
    /// The ledger and the other tables.
    pub database: Database,
    /// Cancelled when the service stops: streams end.
    pub stop: CancellationToken,
    listeners: Arc<Semaphore>,
    admission: Admission,
}

impl FromRef<AppState> for Admission {
    fn from_ref(state: &AppState) -> Self {
        state.admission.clone()
    }
}

impl AppState {
    /// State with room for all the listeners and bodies there may be.
    pub fn new(process: Arc<Process>, live: Arc<Live>, database: Database, stop: CancellationToken) -> Self {
        let (listeners, admission) = (Arc::new(Semaphore::new(LISTENERS)), Admission::new(READING_BYTES));
        Self { process, live, database, stop, listeners, admission }
    }
}

/// All routes but the probes; deliveries are accepted only from holders of `token`.
pub fn router(state: AppState, token: PeerToken) -> Router {
    Router::new()
        .route("/api/deliveries", peers_only(post(deliveries::take), token, BATCH))
        .route("/api/sessions/{session}/report", post(reports::report))
        .route("/api/ledger", get(ledger::ledger))
        .route("/api/live", get(live::live))
        .route("/api/use-cases", get(use_cases::list))
        .route("/api/use-cases/{id}", get(use_cases::one).patch(use_cases::change))
        .with_state(state)
}
