//! Changes gathered until the next animation frame, so that a thousand events a second draw sixty times.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use tracker::browser::now;

use crate::state::page_state::{Input, State};

/// How often a page that nobody sees takes in what came, in milliseconds: it gets no animation frames.
const HIDDEN_MS: u64 = 500;
/// With so many waiting they are taken in at once, so that memory stays bounded.
const MOST: usize = 256;

/// Where changes wait; clones are the same place.
#[derive(Clone)]
pub struct FrameQueue {
    waiting: Rc<RefCell<Vec<Input>>>,
    planned: Rc<Cell<bool>>,
    state: RwSignal<State>,
}

impl FrameQueue {
    /// For this state.
    pub fn new(state: RwSignal<State>) -> Self {
        Self { waiting: Rc::default(), planned: Rc::default(), state }
    }

    /// Puts a change in.
    pub fn push(&self, input: Input) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(input);
        let many = waiting.len() >= MOST;
        drop(waiting);
        if many {
            return self.take_in();
        }
        if self.planned.replace(true) {
            return;
        }
        let this = self.clone();
        let then = move || {
            this.planned.set(false);
            this.take_in();
        };
        if document().hidden() {
            set_timeout(then, Duration::from_millis(HIDDEN_MS));
        } else {
            request_animation_frame(then);
        }
    }

    fn take_in(&self) {
        let inputs = self.waiting.take();
        if !inputs.is_empty() {
            self.state.update(|state| inputs.into_iter().for_each(|input| state.take(input, now())));
        }
    }
}
