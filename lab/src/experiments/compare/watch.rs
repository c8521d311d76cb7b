//! A run under way, for a page that looks at it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::Route;
use verdict::api::OwnClick;
use verdict::results::Run;

use super::faults::Marks;
use super::numbers::Numbers;
use super::recorder::Recorder;
use super::visitor::{Place, Visitor};
use crate::experiments::simulate::clock::Clock;

/// The age of the last second that is shown, in seconds: by then each event of it was accepted in time or not.
const AGE: f64 = 1.0;

/// The load of a run, once it has begun.
#[derive(Default)]
pub(super) struct Watch {
    watched: Mutex<Option<Watched>>,
    visitor: Mutex<Option<Visitor>>,
}

/// What a load writes.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) recorder: Arc<Recorder>,
    pub(super) marks: Arc<Marks>,
    pub(super) clock: Clock,
    /// The load's start on this clock.
    pub(super) start: Duration,
    pub(super) seconds: f64,
    /// Where a visitor can take part, until the load has ended.
    pub(super) place: Option<Place>,
}

impl Watch {
    /// The load begins.
    pub(super) fn begin(&self, watched: Watched) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = Some(watched);
    }

    /// The load has ended: a visitor takes no part any more.
    pub(super) fn end(&self) {
        if let Some(watched) = &mut *self.watched.lock().unwrap_or_else(PoisonError::into_inner) {
            watched.place = None;
        }
        *self.visitor() = None;
    }

    fn visitor(&self) -> MutexGuard<'_, Option<Visitor>> {
        self.visitor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a click of a visitor; false if no load is under way, or if it has taken enough of them.
    pub(super) fn click(&self) -> anyhow::Result<bool> {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Watched { place: Some(place), .. }) = watched else { return Ok(false) };
        let mut visitor = self.visitor();
        if visitor.is_none() {
            *visitor = Some(Visitor::start(place)?);
        }
        Ok(visitor.as_ref().is_some_and(Visitor::click))
    }

    /// The visitor's clicks in this run.
    pub(super) fn clicks(&self) -> Vec<OwnClick> {
        self.visitor().as_ref().map(Visitor::clicks).unwrap_or_default()
    }

    /// The run so far: its timeline and its faults.
    pub(super) fn so_far(&self, route: Route, repetition: u32) -> Run {
        let run = Run::new(route, repetition);
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Watched { recorder, marks, clock, start, seconds, .. }) = watched else { return run };
        let elapsed = clock.elapsed().saturating_sub(start).as_secs_f64();
        // The senders wait for the copy alone.
        let record = recorder.lock().clone();
        let mut timeline = Numbers::new(record, clock.after(start).micros(), seconds).timeline();
        timeline.truncate((elapsed - AGE).max(0.0) as usize);
        Run { timeline, faults: marks.until(elapsed), ..run }
    }
}
