//! The state of the handlers.

use std::sync::Arc;

use axum::extract::FromRef;
use runtime::admission::Admission;
use runtime::database::Database;
use runtime::keys::Senders;
use runtime::retention::Measured;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::limits::{BODIES, LISTENERS, MAX_DELIVERY_BYTES};
use crate::live::Live;
use crate::process::Process;

/// The state of the handlers.
#[derive(Clone)]
pub struct AppState {
    /// The step.
    pub process: Arc<Process>,
    /// The hub of the pages.
    pub live: Arc<Live>,
    /// The ledger and the other tables.
    pub database: Database,
    /// What the database has, as it was measured last.
    pub measured: Measured,
    /// Cancelled when the service stops: streams end.
    pub stop: CancellationToken,
    senders: Senders,
    pub(super) listeners: Arc<Semaphore>,
    admission: Admission,
}

impl FromRef<AppState> for Admission {
    fn from_ref(state: &AppState) -> Self {
        state.admission.clone()
    }
}

impl FromRef<AppState> for Senders {
    fn from_ref(state: &AppState) -> Self {
        state.senders.clone()
    }
}

impl AppState {
    /// State with room for all the listeners and bodies there may be.
    pub fn new(
        process: Arc<Process>,
        live: Arc<Live>,
        database: Database,
        measured: Measured,
        senders: Senders,
        stop: CancellationToken,
    ) -> Self {
        let (listeners, admission) = (Arc::new(Semaphore::new(LISTENERS)), Admission::new(MAX_DELIVERY_BYTES, BODIES));
        Self { process, live, database, measured, senders, stop, listeners, admission }
    }
}
