//! The tracker in a browser: one per page load, driven by timers and answers.

mod clock;
mod drive;
mod local_storage;
mod page_lifecycle;
mod transport;

use std::cell::RefCell;
use std::rc::Rc;

use domain::{Kind, RouteChoice, SessionId, Timestamp};
use gloo_timers::callback::{Interval, Timeout};
use serde_json::Value;

pub use clock::{new_id, now};

use crate::buffering::Pace;
use crate::queue::DEFAULT_LIMIT;
use crate::storage::SessionStorage;
use crate::tracker::Tracker;
use crate::tracker_event::{Status, TrackerEvent};

/// How long an event waits for others in its request, in milliseconds.
const COALESCE_MS: i64 = 15;

/// The running tracker of this page; clones share it.
#[derive(Clone)]
pub struct Tracking(Rc<RefCell<Inner>>);

type Listener = Rc<dyn Fn(Vec<TrackerEvent>, Status)>;

struct Inner {
    /// This page's session first, then those taken over from closed tabs.
    trackers: Vec<Tracker>,
    choice: RouteChoice,
    pace: Pace,
    storage: Box<dyn SessionStorage>,
    listener: Listener,
    events: Vec<TrackerEvent>,
    wake: Option<(Timestamp, Timeout)>,
    seconds: Option<Interval>,
    /// The page is being closed; the next page owns the waiting events.
    gone: bool,
}

impl Tracking {
    /// Starts a session, takes over the sessions of closed tabs, and reports each change to `listener`.
    pub fn start(choice: RouteChoice, listener: impl Fn(Vec<TrackerEvent>, Status) + 'static) -> Self {
        let own = Tracker::new(SessionId(new_id(now())), DEFAULT_LIMIT);
        let tracking = Self(Rc::new(RefCell::new(Inner {
            trackers: vec![own],
            choice,
            pace: Pace::Immediate,
            storage: Box::new(local_storage::LocalStorage),
            listener: Rc::new(listener),
            events: Vec::new(),
            wake: None,
            seconds: None,
            gone: false,
        })));
        tracking.keep_alive();
        tracking
    }

    /// This page's session.
    pub fn session(&self) -> SessionId {
        self.0.borrow().trackers[0].session()
    }

    /// Chooses the routes of events to come.
    pub fn choose(&self, choice: RouteChoice) {
        self.0.borrow_mut().choice = choice;
    }

    /// Numbers and queues an event; it is sent within a few milliseconds, or when the pace allows it.
    pub fn emit(&self, kind: Kind, data: Value) {
        let now = now();
        let mut inner = self.0.borrow_mut();
        let choice = inner.choice;
        let events = inner.trackers[0].emit(kind, data, choice, new_id(now), now);
        inner.events.extend(events);
        drop(inner);
        self.wake_at(now.plus_millis(COALESCE_MS));
    }

    /// Sets the pace of sending.
    pub fn set_pace(&self, pace: Pace) {
        let mut inner = self.0.borrow_mut();
        inner.pace = pace;
        inner.trackers[0].set_pace(pace, now());
        drop(inner);
        self.wake_at(now());
    }

    /// Sends held events now, and retries now.
    pub fn send_now(&self) {
        self.0.borrow_mut().trackers.iter_mut().for_each(Tracker::flush_now);
        self.wake_at(now());
    }
}
