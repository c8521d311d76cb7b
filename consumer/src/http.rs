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
use axum::extract::FromRef;
use axum::routing::{get, post};
use domain::api::BATCH;
use runtime::admin::Admin;
use runtime::keys::Senders;
use runtime::peers::{PeerToken, peers_only};
use runtime::request_checks::Routes;

pub use state::AppState;

/// All routes but the probes: deliveries from holders of `token`, reports from who may send, all else to who may look.
pub fn routes(state: AppState, token: PeerToken, admin: &Admin) -> Routes {
    let looking = Router::new()
        .route("/api/ledger", get(ledger::ledger))
        .route("/api/disk/consumer", get(disk::disk))
        .route("/api/live", get(live_stream::live))
        .route("/api/processed", get(processed::processed))
        .route("/api/use-cases", get(use_cases::list))
        .route("/api/use-cases/{id}", get(use_cases::one).patch(use_cases::change));
    let deliveries = Router::new().route("/api/deliveries", peers_only(post(deliveries::take), token, BATCH));
    let reports = Router::new().route("/api/sessions/{session}/report", post(reports::report));
    let own = admin.only(looking).merge(deliveries).merge(admin.router());
    let (guarded, open) = match Senders::from_ref(&state).cors() {
        Some(cors) => (own, reports.layer(cors)),
        None => (own.merge(reports), Router::new()),
    };
    Routes { guarded: guarded.with_state(state.clone()), open: open.with_state(state) }
}
