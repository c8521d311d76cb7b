//! A row of the log: one event, with its fate on each route.

use std::sync::Arc;

use domain::api::{Hops, Position, Processed};
use domain::ledger::Seen;
use domain::{Event, Kind, Route, SessionId, Timestamp};
use tracker::DeliveryStatus;
use uuid::Uuid;

/// After so long without a word of an accepted event the books are asked, in milliseconds.
const OVERDUE_MS: f64 = 3_000.0;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// The event's id.
    pub id: Uuid,
    /// Who numbered it.
    pub session: Option<SessionId>,
    /// Its number there.
    pub number: Option<u64>,
    /// What happened.
    pub kind: Kind,
    /// When, by the emitter's clock.
    pub time: Timestamp,
    /// Whether this page emitted it.
    pub mine: bool,
    /// All of it; only the emitter has that.
    pub event: Option<Arc<Event>>,
    /// The client's IP as the backend saw it, once it is known.
    pub key: String,
    /// For each route, in their order; none where it was not meant for the route.
    pub cells: [Option<EventCopy>; 3],
}

/// One route's copy of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventCopy {
    /// How far it got.
    pub state: CopyState,
    /// When the tracker first had it in its queue.
    pub queued: Option<Timestamp>,
    /// When the tracker last sent it.
    pub sent: Option<Timestamp>,
    /// How often it was sent.
    pub tries: u32,
    /// When the backend's answer came.
    pub answered: Option<Timestamp>,
    /// When it passed each hop.
    pub hops: Option<Hops>,
    /// Where on the route it was.
    pub position: Option<Position>,
    /// Why it was refused or has to wait.
    pub reason: Option<String>,
    /// The alert it completed.
    pub alert: Option<Uuid>,
    /// Whether it came after a later one.
    pub reordered: bool,
    /// How often it came again.
    pub again: u32,
}

/// How far a copy got, from least to most certain.
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
    /// The consumer has it in its books.
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

    /// How many of the four steps queued, sent, accepted, processed it has behind it.
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
            kind: event.kind,
            time: event.time,
            mine: true,
            event: Some(event.clone()),
            key: String::new(),
            cells: Default::default(),
        }
    }

    /// A row for an event that the consumer speaks of.
    pub fn from_live(event: &Processed) -> Self {
        Self {
            id: event.id,
            session: event.session,
            number: event.sequence,
            kind: event.kind,
            time: event.hops.emitted,
            mine: false,
            event: None,
            key: event.key.clone(),
            cells: Default::default(),
        }
    }

    /// The cell of a route, made if it is not there.
    pub fn cell(&mut self, route: Route) -> &mut EventCopy {
        self.cells[route as usize].get_or_insert_default()
    }

    /// The longest way through, in milliseconds, so that the routes' bars share one scale.
    pub fn slowest_ms(&self) -> f64 {
        let totals = self.cells.iter().flatten().filter_map(|cell| cell.hops).map(|hops| total_ms(&hops));
        totals.fold(0.0, f64::max)
    }
}

/// From emitted to processed, in milliseconds.
pub fn total_ms(hops: &Hops) -> f64 {
    hops.processed.millis_since(hops.emitted)
}

impl EventCopy {
    /// Whether it was accepted a while ago, and nothing was heard of it since.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let accepted = matches!(self.state, CopyState::Accepted | CopyState::Duplicate);
        accepted && self.answered.is_some_and(|at| now.millis_since(at) > OVERDUE_MS)
    }

    /// The books have it, though the live stream did not show when it came.
    pub fn is_in_the_books(&mut self) {
        if self.state != CopyState::Processed {
            self.state = CopyState::Processed;
            self.reason = Some("by the books; the live stream left it out".to_owned());
        }
    }

    /// The tracker says how far it got. The live stream may have been faster: what is processed stays so.
    pub fn fate(&mut self, fate: DeliveryStatus, at: Timestamp) {
        let (state, reason) = match fate {
            DeliveryStatus::Queued => (CopyState::Queued, None),
            DeliveryStatus::Sent => (CopyState::Sent, None),
            DeliveryStatus::Accepted => (CopyState::Accepted, None),
            DeliveryStatus::Duplicate => (CopyState::Duplicate, None),
            DeliveryStatus::Rejected { reason } => (CopyState::Rejected, Some(reason)),
            DeliveryStatus::Retry { reason } => (CopyState::Retry, Some(reason)),
            DeliveryStatus::Shed => (CopyState::Shed, None),
        };
        match state {
            CopyState::Queued => _ = self.queued.get_or_insert(at),
            CopyState::Sent => {
                self.sent = Some(at);
                self.tries += 1;
            }
            CopyState::Accepted | CopyState::Duplicate => self.answered = Some(at),
            _ => {}
        }
        if self.state != CopyState::Processed {
            self.state = state;
            self.reason = reason;
        }
    }

    /// The consumer says it has it.
    pub fn processed(&mut self, event: &Processed) {
        if event.seen == Seen::Duplicate {
            self.again += 1;
        }
        if self.state == CopyState::Processed && self.hops.is_some() {
            return;
        }
        // A duplicate of something that this page never saw come the first time is processed all the same.
        self.state = CopyState::Processed;
        self.reason = None;
        self.hops = Some(event.hops);
        self.position = event.position;
        self.alert = event.alert;
        self.reordered = event.seen == Seen::Reordered;
    }
}
