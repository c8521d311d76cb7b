//! The tracker in a browser: one per page load, driven by timers and answers.

mod clock;
pub mod consent;
mod database;
mod drive;
mod page_lifecycle;
mod store;
mod transport;
mod writing;

use std::cell::RefCell;
use std::rc::Rc;

use domain::{Route, RouteChoice, SessionId, Timestamp};
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen_futures::spawn_local;

pub use clock::{new_id, now};

use crate::buffering::Pace;
use crate::clock_offset::ClockOffset;
use crate::queue::Limit;
use crate::tracker::Tracker;
use crate::tracker_event::{Status, TrackerEvent};

/// How long an event waits for others in its request, in milliseconds.
const COALESCE_MS: i64 = 15;

/// The running tracker of this page; clones share it.
#[derive(Clone)]
pub struct Tracking(Rc<RefCell<Inner>>);

/// Where events go.
#[derive(Clone, Debug)]
pub struct Config {
    /// What stands before `/api/events`, such as `https://events.example.com`; empty for the page's own server.
    pub endpoint: String,
    /// The write key, if the server asks for one.
    pub key: Option<String>,
    /// The routes of events to come.
    pub choice: RouteChoice,
}

type Listener = Rc<dyn Fn(Vec<TrackerEvent>, Status)>;

struct Inner {
    /// This page's session first, then those taken over from closed tabs.
    trackers: Vec<Tracker>,
    config: Rc<Config>,
    pace: Pace,
    store: store::Store,
    clock: ClockOffset,
    listener: Listener,
    events: Vec<TrackerEvent>,
    wake: Option<(Timestamp, Timeout)>,
    seconds: Option<Interval>,
    /// The page is being closed, and the next page owns the waiting events; or tracking was ended.
    gone: bool,
    /// Tracking was ended for good.
    ended: bool,
}

impl Tracking {
    /// Starts a session, takes over the sessions of closed tabs, and reports each change to `listener`.
    pub fn start(config: Config, listener: impl Fn(Vec<TrackerEvent>, Status) + 'static) -> Self {
        let tracking = Self(Rc::new(RefCell::new(Inner {
            trackers: vec![new_session()],
            config: Rc::new(config),
            pace: Pace::Immediate,
            store: store::Store::default(),
            clock: ClockOffset::default(),
            listener: Rc::new(listener),
            events: Vec::new(),
            wake: None,
            seconds: None,
            gone: false,
            ended: false,
        })));
        tracking.hold_until_open();
        tracking.keep_alive();
        let this = tracking.clone();
        spawn_local(async move { this.open_store().await });
        tracking
    }

    /// This page's session.
    pub fn session(&self) -> SessionId {
        self.0.borrow().trackers[0].session()
    }

    /// Chooses the routes of events to come.
    pub fn choose(&self, choice: RouteChoice) {
        let mut inner = self.0.borrow_mut();
        inner.config = Rc::new(Config { choice, ..(*inner.config).clone() });
    }

    /// Numbers an event and writes it to the storage; then it is emitted, and sent within a few milliseconds, or when the pace
    /// allows it. Returns its id; none if tracking has ended.
    ///
    /// `kind` is CloudEvents' type, and `data` is JSON.
    pub fn emit(&self, kind: &str, data: &str) -> Option<uuid::Uuid> {
        let now = now();
        let mut inner = self.0.borrow_mut();
        if inner.gone {
            return None;
        }
        let (id, choice) = (new_id(now), inner.config.choice);
        let prepared = inner.trackers[0].prepare(kind, data, id, now);
        let (is_first, is_idle) = (inner.store.is_empty(), inner.store.is_idle());
        if let Err(prepared) = inner.store.stage(prepared, choice) {
            let events = inner.trackers[0].refuse(prepared, choice.routes(), now);
            inner.events.extend(events);
        }
        drop(inner);
        if is_first && is_idle {
            // After the present task: one transaction takes all of its events.
            let this = self.clone();
            spawn_local(async move { this.write() });
        }
        Some(id)
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

    /// The status of sending now, on all sessions.
    pub fn status(&self) -> Status {
        self.0.borrow().status(now())
    }

    /// Of this page's session, over all routes: how many copies were emitted, accepted, rejected and shed.
    pub fn counts(&self) -> [u64; 4] {
        let inner = self.0.borrow();
        let reports = Route::ALL.into_iter().filter_map(|route| inner.trackers[0].ledger.route(route));
        reports.fold([0; 4], |sum, report| {
            let one = [&report.emitted, &report.accepted, &report.rejected, &report.shed];
            std::array::from_fn(|index| sum[index] + one[index].len())
        })
    }

    /// Empties the queue, here and in the storage, and ends. The ledger is told once more what was shed.
    pub fn end(&self) {
        let mut inner = self.0.borrow_mut();
        let now = now();
        for index in 0..inner.trackers.len() {
            let events = inner.trackers[index].forget(now);
            inner.events.extend(events);
        }
        inner.report_on_close();
        inner.store.clear();
        (inner.gone, inner.ended, inner.seconds) = (true, true, None);
        drop(inner);
        self.notify();
    }
}

fn new_session() -> Tracker {
    Tracker::new(SessionId(new_id(now())), Limit::PAGE)
}
