//! The context that all components share: the state, the clock, the tracker and the chosen routes.

use std::time::Duration;

use domain::{Kind, RouteChoice, SessionId, Timestamp};
use leptos::prelude::*;
use serde_json::Value;
use tracker::browser::now;
use tracker::{Config, Pace, Tracking, capture, json};
use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use crate::address::Address;
use crate::frame_queue::FrameQueue;
use crate::pages::play::buffer_size::{BUFFER_EVENTS, BUFFER_SECONDS};
use crate::pages::play::guide_progress::Guide;
use crate::pages::play::order::Order;
use crate::pages::use_cases::settings_draft::SettingsDraft;
use crate::state::page_state::{Input, State};
use crate::{catch_up, live_stream, window_width};

/// The shared context; copies share it.
#[derive(Clone, Copy)]
pub struct Page {
    /// The shared state.
    pub state: RwSignal<State>,
    /// The time, to the second.
    pub now: RwSignal<Timestamp>,
    /// Whether the window is wide.
    pub wide: RwSignal<bool>,
    /// The routes of new events.
    pub choice: RwSignal<RouteChoice>,
    /// Whether sending is buffered.
    pub buffered: RwSignal<bool>,
    /// The current order; it is kept when another page is opened.
    pub order: RwSignal<Order>,
    /// The guide of Play; it watches on every page.
    pub guide: Guide,
    /// Unsaved settings of each use case; they are kept when another page is opened.
    drafts: StoredValue<Vec<(String, RwSignal<SettingsDraft>)>>,
    /// The owner of signals that live as long as the page.
    owner: StoredValue<Owner>,
    /// The offset of local time to UTC in minutes, positive in the east.
    pub offset_minutes: i64,
    tracking: StoredValue<Tracking, LocalStorage>,
}

impl Page {
    /// Starts the tracker, the live stream and the clock.
    pub fn start() -> Self {
        let state = RwSignal::new(State::default());
        let frames = FrameQueue::new(state);
        let choice = RouteChoice::All;
        let listener = frames.clone();
        let config = Config { endpoint: String::new(), key: None, choice };
        let tracking =
            Tracking::start(config, move |events, status| listener.push(Input::Tracker(events, Box::new(status))));
        state.update(|state| state.own = Some(tracking.session()));
        reload_when_shown_again();
        capture::clicks(&tracking);
        capture::inputs(&tracking);
        capture::keys(&tracking, |key| key == "f");
        let clock = RwSignal::new(now());
        live_stream::follow(frames.clone());
        catch_up::parts(state, clock, frames.clone());
        catch_up::overdue_events(state, clock, frames);
        let page = Self {
            state,
            now: clock,
            wide: window_width::follow(),
            choice: RwSignal::new(choice),
            buffered: RwSignal::new(false),
            order: RwSignal::new(Order::new(js_sys::Math::random())),
            guide: Guide::start(state, clock, Address::here()),
            drafts: StoredValue::default(),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            offset_minutes: -(js_sys::Date::new_0().get_timezone_offset() as i64),
            tracking: StoredValue::new_local(tracking),
        };
        set_interval(move || page.now.set(now()), Duration::from_secs(1));
        page
    }

    /// The context of this page.
    pub fn here() -> Self {
        expect_context()
    }

    /// This page's session.
    pub fn session(&self) -> SessionId {
        self.tracking.with_value(Tracking::session)
    }

    /// Emits an event.
    pub fn emit(&self, kind: Kind, data: Value) {
        let data = json::write(&data).unwrap_or_default();
        self.tracking.with_value(|tracking| tracking.emit(kind.name(), &data));
    }

    /// Chooses the routes of new events.
    pub fn choose(&self, choice: RouteChoice) {
        self.choice.set(choice);
        self.tracking.with_value(|tracking| tracking.choose(choice));
    }

    /// Turns buffered sending on or off.
    pub fn buffer(&self, buffered: bool) {
        self.buffered.set(buffered);
        let buffer = Pace::Buffered { events: BUFFER_EVENTS, millis: BUFFER_SECONDS * 1000 };
        let pace = if buffered { buffer } else { Pace::Immediate };
        self.tracking.with_value(|tracking| tracking.set_pace(pace));
    }

    /// Whole seconds since a time; 0 before it. The signal follows the clock.
    pub fn seconds_since(&self, at: Timestamp) -> u64 {
        (self.now.get().millis_since(at) / 1000.0).max(0.0) as u64
    }

    /// Sends waiting events now.
    pub fn send_now(&self) {
        self.tracking.with_value(Tracking::send_now);
    }

    /// The unsaved settings of a use case.
    pub fn draft(&self, use_case: &str) -> RwSignal<SettingsDraft> {
        let known =
            self.drafts.with_value(|drafts| drafts.iter().find(|(id, _)| id == use_case).map(|(_, draft)| *draft));
        known.unwrap_or_else(|| {
            let fresh = self.owner.with_value(|owner| owner.with(|| RwSignal::new(SettingsDraft::default())));
            self.drafts.update_value(|drafts| drafts.push((use_case.to_owned(), fresh)));
            fresh
        })
    }
}

/// From the back/forward cache the tracker begins a new session; the state of the page would still be of the old one.
fn reload_when_shown_again() {
    let handle = window_event_listener_untyped("pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            window().location().reload().ok();
        }
    });
    // It lives as long as the page.
    std::mem::forget(handle);
}
