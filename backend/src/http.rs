//! The backend's HTTP interface.

mod body;
mod client;
mod docs;
mod feed;
mod ingest;
mod kafka_rest;
mod registry;
mod seed;
mod state;

use std::time::Duration;

use axum::Router;
use axum::http::{Method, header};
use axum::routing::post;
use runtime::guard::Routes;
use tower_http::cors::{Any, CorsLayer};

pub use state::{AppState, Parts, admission};

/// How long a browser may cache the answer to a preflight request.
const PREFLIGHT: Duration = Duration::from_secs(12 * 60 * 60);

/// All routes but the probes; with `demo_cors` pages of any origin may use those of the original example.
pub fn routes(state: AppState, demo_cors: bool) -> Routes {
    let own = Router::new().route("/api/events", post(ingest::ingest).get(feed::feed)).merge(docs::router());
    let seed = seed::router().merge(kafka_rest::router()).merge(registry::router());
    let (guarded, open) = if demo_cors {
        let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::POST]);
        let cors = cors.allow_headers([header::CONTENT_TYPE]).expose_headers([header::RETRY_AFTER]).max_age(PREFLIGHT);
        (own, seed.layer(cors))
    } else {
        (own.merge(seed), Router::new())
    };
    Routes { guarded: guarded.with_state(state.clone()), open: open.with_state(state) }
}
