//! The state of the handlers, and the bodies that they read.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use domain::RouteChoice;
use domain::api::MAX_BODY_BYTES;
use runtime::admin::Admin;
use runtime::admission::Admission;
use runtime::kafka::EventTopics;
use runtime::kafka::batch_producer::BatchProducer;
use runtime::keys::{self, Senders};
use runtime::peers::PeerToken;
use tokio_util::sync::CancellationToken;

use crate::dispatch::Dispatch;
use crate::store::Store;

/// How many of the largest bodies are read or parsed at once.
const BODIES: usize = 8;

/// A body of a sender, and the room it takes until it is dropped.
pub(super) type Sent = keys::Sent<MAX_BODY_BYTES>;

/// The state of the handlers; the clones share it, because axum clones it several times a request.
#[derive(Clone)]
pub struct AppState(pub(crate) Arc<Parts>);

/// The parts of the state.
pub struct Parts {
    /// The way to the routes.
    pub dispatch: Dispatch,
    /// The store of http-poll.
    pub store: Arc<Store>,
    /// Who may read.
    pub admin: Admin,
    /// Who may send.
    pub senders: Senders,
    /// The shared secret.
    pub peers: PeerToken,
    /// The producer for plain records, if there is a broker.
    pub producer: Option<BatchProducer>,
    /// The names of the topics in Kafka.
    pub topics: EventTopics,
    /// The route of batches that name none.
    pub default_route: RouteChoice,
    /// The route of the seed's events that name none.
    pub seed_route: RouteChoice,
    /// Whether the client's address is in X-Forwarded-For.
    pub trust_forwarded: bool,
    /// Where this backend listens.
    pub address: SocketAddr,
    /// Cancelled when the service stops: waiting readers get an answer.
    pub stop: CancellationToken,
    /// Room for bodies.
    pub admission: Admission,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for Admission {
    fn from_ref(state: &AppState) -> Self {
        state.admission.clone()
    }
}

impl FromRef<AppState> for Senders {
    fn from_ref(state: &AppState) -> Self {
        state.senders.clone()
    }
}

/// Room for all the bodies that may be read at once.
pub fn admission() -> Admission {
    Admission::new(MAX_BODY_BYTES, BODIES)
}
