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

/// All routes but the probes. Those that take events are open to pages of the keys' origins; without keys, and with
/// `demo_cors`, those of the original example are open to pages of any origin.
pub fn routes(state: AppState, demo_cors: bool) -> Routes {
    let looking = Router::new().route("/api/events", get(feed::feed)).route("/api/disk/backend", get(disk::disk));
    let own = state.admin.only(looking).merge(docs::router()).merge(state.admin.router());
    let seed = seed::router().merge(kafka_rest::router()).merge(schema_registry::router());
    // Before the layer, so that a page of another origin can read this answer as well.
    let seed = seed.method_not_allowed_fallback(problem::method_not_allowed);
    let seed_looking = state.admin.only(seed::looking());
    let sending = Router::new().route("/api/events", post(ingest::ingest));
    let (guarded, open) = match state.senders.cors() {
        Some(cors) => (own.merge(seed_looking), sending.merge(seed).layer(cors)),
        None if demo_cors => (own.merge(sending), seed_looking.merge(seed).layer(cors::any_origin())),
        None => (own.merge(sending).merge(seed_looking).merge(seed), Router::new()),
    };
    Routes { guarded: guarded.with_state(state.clone()), open: open.with_state(state) }
}
