//! Changes queued until the next animation frame: a thousand events a second are drawn sixty times.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use tracker::browser::now;

use crate::state::page_state::{Input, State};

/// The interval of a hidden page in milliseconds; it gets no animation frames.
const HIDDEN_MS: u64 = 500;
/// The queue is applied at once when it is this long, so that memory stays bounded.
const MOST: usize = 256;

/// The queue of changes; clones share it.
#[derive(Clone)]
pub struct FrameQueue {
    waiting: Rc<RefCell<Vec<Input>>>,
    planned: Rc<Cell<bool>>,
    state: RwSignal<State>,
}

impl FrameQueue {
    /// A queue for this state.
    pub fn new(state: RwSignal<State>) -> Self {
        Self { waiting: Rc::default(), planned: Rc::default(), state }
    }

    /// Queues a change.
    pub fn push(&self, input: Input) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(input);
        let many = waiting.len() >= MOST;
        drop(waiting);
        if many {
            return self.apply();
        }
        if self.planned.replace(true) {
            return;
        }
        let this = self.clone();
        let then = move || {
            this.planned.set(false);
            this.apply();
        };
        if document().hidden() {
            set_timeout(then, Duration::from_millis(HIDDEN_MS));
        } else {
            request_animation_frame(then);
        }
    }

    fn apply(&self) {
        let inputs = self.waiting.take();
        if !inputs.is_empty() {
            self.state.update(|state| inputs.into_iter().for_each(|input| state.apply(input, now())));
        }
    }
}
