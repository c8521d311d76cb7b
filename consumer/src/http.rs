//! The consumer's HTTP interface.

mod deliveries;
mod disk;
mod ledger;
mod limits;
mod live_stream;
mod processed;
mod reports;
mod state;
mod use_cases;

use axum::Router;
use axum::routing::{get, post};
use domain::api::BATCH;
use runtime::peers::{PeerToken, peers_only};

pub use state::AppState;

/// All routes but the probes; deliveries are accepted only from holders of `token`.
pub fn router(state: AppState, token: PeerToken) -> Router {
    Router::new()
        .route("/api/deliveries", peers_only(post(deliveries::take), token, BATCH))
        .route("/api/sessions/{session}/report", post(reports::report))
        .route("/api/ledger", get(ledger::ledger))
        .route("/api/disk/consumer", get(disk::disk))
        .route("/api/live", get(live_stream::live))
        .route("/api/processed", get(processed::processed))
        .route("/api/use-cases", get(use_cases::list))
        .route("/api/use-cases/{id}", get(use_cases::one).patch(use_cases::change))
        .with_state(state)
}
