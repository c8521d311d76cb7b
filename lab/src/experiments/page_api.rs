//! The routes of the experiments that the page starts.

use std::net::SocketAddr;

use axum::Router;

use super::compare::own_brokers::OwnBrokers;
use super::{compare, simulate};
use crate::run::front::Work;

/// The routes for the front door at `front`; the experiments are its work. Comparisons use the brokers of one's own, if any.
pub fn routes(front: SocketAddr, work: Work, own: Option<OwnBrokers>) -> Router {
    simulate::routes(front, &work).merge(compare::routes(work, own))
}
