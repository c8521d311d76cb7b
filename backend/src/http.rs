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
use axum::http::StatusCode;
use axum::routing::{get, options, post};
use runtime::request_checks::Routes;
use runtime::{cors, problem};

pub use state::{AppState, Parts, admission};

/// All routes but the probes. Those that take events are open to pages of the keys' origins; without keys, and with
/// `demo_cors`, those of the original example are open to pages of any origin.
pub fn routes(state: AppState, demo_cors: bool) -> Routes {
    let looking = Router::new().route("/api/events", get(feed::feed)).route("/api/disk/backend", get(disk::disk));
    let own = state.admin.only(looking).merge(docs::router()).merge(state.admin.router());
    let seed = seed::router().merge(kafka_rest::router()).merge(schema_registry::router());
    let seed_looking = state.admin.only(seed::looking());
    let sending = Router::new().route("/api/events", post(ingest::ingest));
    let (guarded, open) = match state.senders.cors() {
        Some(cors) => {
            // These addresses have readers as well, who would answer a preflight with 405. The layer answers it instead.
            let preflight = || options(async || StatusCode::NO_CONTENT);
            let shared = Router::new().route("/api/events", preflight()).route("/events", preflight());
            (own.merge(seed_looking), sending.merge(seed).merge(shared).layer(cors))
        }
        None if demo_cors => {
            // Before the layer, so that a page of another origin can read this answer as well.
            let seed = seed_looking.merge(seed).method_not_allowed_fallback(problem::method_not_allowed);
            (own.merge(sending), seed.layer(cors::any_origin()))
        }
        None => (own.merge(sending).merge(seed_looking).merge(seed), Router::new()),
    };
    Routes { guarded: guarded.with_state(state.clone()), open: open.with_state(state) }
}
