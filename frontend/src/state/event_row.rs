//! A row of the log: one event, with its delivery on each route.

use std::sync::Arc;

use domain::api::{Hops, Position, Processed};
use domain::ledger::{CLOSED, Seen};
use domain::{Event, EventType, Route, SessionId, Timestamp};
use tracker::DeliveryStatus;
use uuid::Uuid;

/// After so long, in milliseconds, an accepted event that is not processed is overdue.
const OVERDUE_MS: f64 = 3_000.0;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// The event's id.
    pub id: Uuid,
    /// The session that numbered it.
    pub session: Option<SessionId>,
    /// Its sequence number.
    pub number: Option<u64>,
    /// Its type.
    pub kind: EventType,
    /// Its time, by the emitter's clock.
    pub time: Timestamp,
    /// Whether this page emitted it.
    pub mine: bool,
    /// The whole event; only its emitter has it.
    pub event: Option<Arc<Event>>,
    /// The data as JSON, if the live stream has it: that of a type of one's own.
    pub data: Option<String>,
    /// The client's IP address from the backend, once it is known.
    pub key: String,
    /// The copies in the order of the routes; none if the event does not take the route.
    pub copies: [Option<EventCopy>; 3],
}

/// One route's copy of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventCopy {
    /// Its state.
    pub state: CopyState,
    /// When the tracker first had it in its queue.
    pub queued: Option<Timestamp>,
    /// When the tracker first sent it.
    pub sent: Option<Timestamp>,
    /// The number of tries.
    pub tries: u32,
    /// When the backend's answer came.
    pub answered: Option<Timestamp>,
    /// When it passed each hop.
    pub hops: Option<Hops>,
    /// Its position on the route.
    pub position: Option<Position>,
    /// Why it was refused or waits.
    pub reason: Option<String>,
    /// The alert it completed.
    pub alert: Option<Uuid>,
    /// Whether it arrived after a later event.
    pub reordered: bool,
    /// The number of duplicates.
    pub again: u32,
}

/// The state of a copy, from least to most certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CopyState {
    /// In this browser's queue.
    #[default]
    Queued,
    /// In a request.
    Sent,
    /// Refused for now; waits in the queue.
    Retry,
    /// The backend has it.
    Accepted,
    /// The backend had it already.
    Duplicate,
    /// The queue was full.
    Shed,
    /// Refused for good.
    Rejected,
    /// The consumer has it in its ledger.
    Processed,
}

impl CopyState {
    /// The name, as shown and in `data-state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Shed => "shed",
            Self::Rejected => "rejected",
            Self::Processed => "processed",
        }
    }

    /// The steps done, of the four: queued, sent, accepted, processed.
    pub const fn steps(self) -> u8 {
        match self {
            Self::Shed => 0,
            Self::Queued | Self::Retry => 1,
            Self::Sent | Self::Rejected => 2,
            Self::Accepted | Self::Duplicate => 3,
            Self::Processed => 4,
        }
    }
}

impl EventRow {
    /// A row for an event of this page.
    pub fn of(event: &Arc<Event>) -> Self {
        Self {
            id: event.id,
            session: event.source.session(),
            number: event.sequence,
            kind: event.kind.clone(),
            time: event.time,
            mine: true,
            event: Some(event.clone()),
            data: None,
            key: String::new(),
            copies: Default::default(),
        }
    }

    /// A row for an event from the live stream.
    pub fn from_live(event: &Processed) -> Self {
        Self {
            id: event.id,
            session: event.session,
            number: event.sequence,
            kind: event.kind.clone(),
            time: event.hops.emitted,
            mine: false,
            event: None,
            data: event.data.clone(),
            key: event.key.clone(),
            copies: Default::default(),
        }
    }

    /// The copy of a route, added if it is missing.
    pub fn copy(&mut self, route: Route) -> &mut EventCopy {
        self.copies[route as usize].get_or_insert_default()
    }

    /// The longest time until processed, in milliseconds; the scale of the bars of all routes.
    pub fn slowest_ms(&self) -> f64 {
        self.copies.iter().flatten().filter_map(EventCopy::processed_ms).fold(0.0, f64::max)
    }

    /// The longest time in this page's own queue, in milliseconds.
    pub fn queued_ms(&self) -> Option<f64> {
        self.copies.iter().flatten().filter_map(EventCopy::queued_ms).reduce(f64::max)
    }
}

/// From the backend until processed, in milliseconds.
pub fn behind_backend_ms(hops: &Hops) -> f64 {
    hops.processed.millis_since(hops.received.unwrap_or(hops.emitted))
}

impl EventCopy {
    /// In this page's own queue until first sent, in milliseconds; part of no other time.
    pub fn queued_ms(&self) -> Option<f64> {
        Some(self.sent?.millis_since(self.queued?))
    }

    /// The sender's wait: from first sent until accepted, in milliseconds.
    pub fn accepted_ms(&self) -> Option<f64> {
        Some(self.answered?.millis_since(self.sent?))
    }

    /// From first sent until processed, in milliseconds; for an event of another page from the backend on.
    pub fn processed_ms(&self) -> Option<f64> {
        let hops = self.hops.as_ref()?;
        Some(self.sent.map_or_else(|| behind_backend_ms(hops), |sent| hops.processed.millis_since(sent)))
    }

    /// Whether it was processed, and the page has no times of that.
    pub fn is_untimed(&self) -> bool {
        self.state == CopyState::Processed && self.hops.is_none()
    }

    /// Whether it was accepted a while ago and is not known to be processed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let accepted = matches!(self.state, CopyState::Accepted | CopyState::Duplicate);
        accepted && self.answered.is_some_and(|at| now.millis_since(at) > OVERDUE_MS)
    }

    /// The ledger has it, but the live stream did not show it.
    pub fn is_in_ledger(&mut self) {
        if self.state != CopyState::Processed {
            self.state = CopyState::Processed;
            self.reason = Some("no time: processed while this page got no data on it".to_owned());
        }
    }

    /// Applies a status from the tracker. A copy that is processed or rejected stays so: the live stream may be faster.
    pub fn delivery(&mut self, status: DeliveryStatus, at: Timestamp) {
        let (state, reason) = match status {
            DeliveryStatus::Queued => (CopyState::Queued, None),
            DeliveryStatus::Sent => (CopyState::Sent, None),
            DeliveryStatus::Accepted(_) => (CopyState::Accepted, None),
            DeliveryStatus::Duplicate(_) => (CopyState::Duplicate, None),
            DeliveryStatus::Rejected { reason } => (CopyState::Rejected, Some(reason)),
            DeliveryStatus::Retry { reason } => (CopyState::Retry, Some(reason)),
            DeliveryStatus::Shed => (CopyState::Shed, None),
        };
        match state {
            CopyState::Queued => _ = self.queued.get_or_insert(at),
            CopyState::Sent => {
                self.sent.get_or_insert(at);
                self.tries += 1;
            }
            CopyState::Accepted | CopyState::Duplicate => self.answered = Some(at),
            _ => {}
        }
        if !matches!(self.state, CopyState::Processed | CopyState::Rejected) {
            self.state = state;
            self.reason = reason;
        }
    }

    /// Applies a message from the live stream.
    pub fn processed(&mut self, event: &Processed) {
        if event.seen == Seen::Duplicate {
            self.again += 1;
        }
        if self.state == CopyState::Processed && self.hops.is_some() {
            return;
        }
        if event.seen == Seen::Refused {
            if self.state != CopyState::Processed {
                (self.state, self.reason) = (CopyState::Rejected, Some(CLOSED.to_owned()));
            }
            return;
        }
        // A duplicate is processed, too; the page may have missed the first one.
        self.state = CopyState::Processed;
        self.reason = None;
        self.hops = Some(event.hops);
        self.position = event.position;
        self.alert = event.alert;
        self.reordered = event.seen == Seen::Reordered;
    }
}
