//! Reports to the listener: the delivery status of each event on each route, and the status of sending.

use std::sync::Arc;

use domain::api::Wait;
use domain::{Route, RouteChoice, Timestamp};
use uuid::Uuid;

use crate::clock_offset::Offset;

/// Something changed.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackerEvent {
    /// An event was emitted, or taken over from a closed tab.
    Emitted {
        /// The event in CloudEvents' JSON format.
        json: Arc<str>,
        /// The routes it still has to take.
        routes: Vec<Route>,
    },
    /// The status of one route's copy of an event changed.
    Delivery {
        /// The event's id.
        id: Uuid,
        /// On which route.
        route: Route,
        /// The new status.
        status: DeliveryStatus,
        /// When, by this machine's clock.
        at: Timestamp,
    },
}

/// The delivery status of one route's copy of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It waits in the queue.
    Queued,
    /// It is in a request without an answer yet.
    Sent,
    /// The backend has it for good.
    Accepted(Wait),
    /// The backend had it already.
    Duplicate(Wait),
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

/// The status of sending, on every route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// For each route, in their order.
    pub routes: [RouteStatus; 3],
    /// Events held back by buffered sending.
    pub held: usize,
    /// The size of the queue in bytes.
    pub bytes: usize,
    /// Why the queue could not be saved, if it could not.
    pub unsaved: Option<String>,
    /// The offset of the server's clock, once it is known.
    pub clock: Option<Offset>,
}

/// The status of sending on one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteStatus {
    /// Events in the queue that still have to take this route.
    pub waiting: usize,
    /// Why they wait, if sending fails.
    pub trouble: Option<Trouble>,
}

/// Why events wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// The HTTP status, if there was an answer that refused the whole request.
    pub status: Option<u16>,
    /// The reason that was given.
    pub reason: String,
    /// When it began.
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
