//! A run under way, for a page that looks at it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Route;
use verdict::results::Run;

use super::faults::Marks;
use super::numbers::Numbers;
use super::recorder::Recorder;
use crate::experiments::simulate::clock::Clock;

/// The age of the last second that is shown, in seconds: by then each event of it was accepted in time or not.
const AGE: f64 = 1.0;

/// The load of a run, once it has begun.
#[derive(Default)]
pub(super) struct Watch(Mutex<Option<Watched>>);

/// What a load writes.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) recorder: Arc<Recorder>,
    pub(super) marks: Arc<Marks>,
    pub(super) clock: Clock,
    /// The load's start on this clock.
    pub(super) start: Duration,
    pub(super) seconds: f64,
}

impl Watch {
    /// The load begins.
    pub(super) fn begin(&self, watched: Watched) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(watched);
    }

    /// The run so far: its timeline and its faults.
    pub(super) fn so_far(&self, route: Route, repetition: u32) -> Run {
        let run = Run::new(route, repetition);
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Watched { recorder, marks, clock, start, seconds }) = watched else { return run };
        let elapsed = clock.elapsed().saturating_sub(start).as_secs_f64();
        // The senders wait for the copy alone.
        let record = recorder.lock().clone();
        let mut timeline = Numbers::new(record, clock.after(start).micros(), seconds).timeline();
        timeline.truncate((elapsed - AGE).max(0.0) as usize);
        Run { timeline, faults: marks.until(elapsed), ..run }
    }
}
