//! The routes of the experiments that the page starts.

use std::net::SocketAddr;

use axum::Router;
use tokio_util::sync::CancellationToken;

use super::{compare, simulate};

/// The routes for the front door at `front`; the experiments end when `close` is cancelled.
pub fn routes(front: SocketAddr, close: CancellationToken) -> Router {
    simulate::routes(front, close.clone()).merge(compare::routes(close))
}
