//! The backend's HTTP interface.

mod body;
mod client;
mod docs;
mod feed;
mod ingest;
mod kafka_rest;
mod registry;
mod seed;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{Method, header};
use axum::routing::post;
use domain::RouteChoice;
use domain::api::MAX_BODY_BYTES;
use runtime::admission::{self, Admission};
use runtime::guard::Routes;
use runtime::kafka::Producer;
use runtime::peers::PeerToken;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{Any, CorsLayer};

use crate::dispatch::Dispatch;
use crate::store::Store;

/// How many bytes of bodies are read or parsed at once.
const READING_BYTES: usize = 8 * MAX_BODY_BYTES;

/// A body, and the room it takes until it is dropped.
type Admitted = admission::Admitted<MAX_BODY_BYTES>;

/// How long a browser may cache the answer to a preflight request.
const PREFLIGHT: Duration = Duration::from_secs(12 * 60 * 60);

/// The state of the handlers.
#[derive(Clone)]
pub struct AppState {
    /// The way to the routes.
    pub dispatch: Arc<Dispatch>,
    /// The store of http-poll.
    pub store: Arc<Store>,
    /// The shared secret.
    pub peers: PeerToken,
    /// The producer for plain records, if there is a broker.
    pub producer: Option<Producer>,
    /// The route of batches that name none.
    pub default_route: RouteChoice,
    /// The route of the seed's events that name none.
    pub seed_route: RouteChoice,
    /// Whether the client's address is in X-Forwarded-For.
    pub trust_forwarded: bool,
    /// The address of this backend.
    pub address: SocketAddr,
    /// Cancelled when the service stops: waiting readers get an answer.
    pub stop: CancellationToken,
    /// Room for bodies.
    pub admission: Admission,
}

impl FromRef<AppState> for Admission {
    fn from_ref(state: &AppState) -> Self {
        state.admission.clone()
    }
}

/// Room for all the bodies that may be read at once.
pub fn admission() -> Admission {
    Admission::new(READING_BYTES)
}

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
