//! What an observer hears: the status of each event on each route, and how sending goes.

use std::sync::Arc;

use domain::{Event, Route, RouteChoice, Timestamp};
use uuid::Uuid;

/// Something changed.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackerEvent {
    /// An event came to be (or was taken over from a tab that is gone), meant for some routes.
    Emitted {
        /// The event.
        event: Arc<Event>,
        /// The routes it still has to take.
        routes: Vec<Route>,
    },
    /// One route's copy of an event got further.
    Delivery {
        /// The event's id.
        id: Uuid,
        /// On which route.
        route: Route,
        /// What became of it.
        status: DeliveryStatus,
        /// When, by this machine's clock.
        at: Timestamp,
    },
}

/// What became of one route's copy of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It waits in the queue.
    Queued,
    /// It is in a request whose answer is not there yet.
    Sent,
    /// The backend has it for good.
    Accepted,
    /// The backend had it already.
    Duplicate,
    /// Refused for good.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Not taken this time; it is sent again.
    Retry {
        /// Why.
        reason: String,
    },
    /// The queue was full; it was never sent.
    Shed,
}

/// How sending goes, on every route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// For each route, in their order.
    pub routes: [RouteStatus; 3],
    /// Events held back by buffered sending.
    pub held: usize,
    /// What the queue takes, in bytes.
    pub bytes: usize,
    /// Why the queue would not survive the tab, if it would not.
    pub unsaved: Option<String>,
}

/// How sending goes on one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteStatus {
    /// Events in the queue that still have to take this route.
    pub waiting: usize,
    /// What keeps them, if anything does.
    pub trouble: Option<Trouble>,
}

/// Why events wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// The HTTP status, if there was an answer that refused the whole request.
    pub status: Option<u16>,
    /// What was said.
    pub reason: String,
    /// Since when it has been so.
    pub since: Timestamp,
    /// When the next try is due.
    pub again_at: Timestamp,
}

impl Status {
    /// The status of one route.
    pub fn route(&self, route: Route) -> &RouteStatus {
        &self.routes[route as usize]
    }

    /// The most events that wait on any of the chosen routes.
    pub fn waiting(&self, choice: RouteChoice) -> usize {
        choice.routes().iter().map(|&route| self.route(route).waiting).max().unwrap_or(0)
    }
}
