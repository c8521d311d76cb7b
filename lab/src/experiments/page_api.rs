//! The routes of the experiments that the page starts.

use std::net::SocketAddr;

use axum::Router;

use super::{compare, simulate};
use crate::run::front::Work;

/// The routes for the front door at `front`; the experiments are its work.
pub fn routes(front: SocketAddr, work: Work) -> Router {
    simulate::routes(front, work.stop.clone()).merge(compare::routes(work))
}
