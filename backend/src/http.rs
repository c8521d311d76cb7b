//! The backend's HTTP interface.

pub mod body;
mod client;
mod disk;
mod docs;
mod feed;
mod ingest;
pub mod kafka_rest;
mod schema_registry;
mod seed;
mod state;

use axum::Router;
use axum::routing::{get, post};
use runtime::request_checks::Routes;
use runtime::{cors, problem};

pub use state::{AppState, Parts, admission};

/// All routes but the probes; with `demo_cors` pages of any origin may use those of the original example.
pub fn routes(state: AppState, demo_cors: bool) -> Routes {
    let own = Router::new().route("/api/events", post(ingest::ingest).get(feed::feed));
    let own = own.route("/api/disk/backend", get(disk::disk)).merge(docs::router());
    let seed = seed::router().merge(kafka_rest::router()).merge(schema_registry::router());
    // Before the layer, so that a page of another origin can read this answer as well.
    let seed = seed.method_not_allowed_fallback(problem::method_not_allowed);
    let (guarded, open) =
        if demo_cors { (own, seed.layer(cors::any_origin())) } else { (own.merge(seed), Router::new()) };
    Routes { guarded: guarded.with_state(state.clone()), open: open.with_state(state) }
}
