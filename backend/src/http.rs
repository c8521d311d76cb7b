//! The backend's HTTP interface.

mod admitted;
mod body;
mod client;
mod feed;
mod ingest;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use domain::RouteChoice;
use domain::api::MAX_BODY_BYTES;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::dispatch::Dispatch;
use crate::store::Store;

/// What the handlers work with.
#[derive(Clone)]
pub struct AppState {
    /// The way to the routes.
    pub dispatch: Arc<Dispatch>,
    /// What http-poll's readers read.
    pub store: Arc<Store>,
    /// The route of batches that name none.
    pub default_route: RouteChoice,
    /// Whether X-Forwarded-For tells the client's address.
    pub trust_forwarded: bool,
    /// Cancelled when the service stops: readers that wait are let go.
    pub stop: CancellationToken,
    /// Room for bodies, in bytes.
    pub reading: Arc<Semaphore>,
}

/// Room for all the bodies that may be read at once.
pub fn reading() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(admitted::READING_BYTES))
}

/// All routes but the probes.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/api/events", post(ingest::ingest).get(feed::feed))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}
