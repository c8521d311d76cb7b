//! Changes gathered until the next animation frame, so that a thousand events a second draw sixty times.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;
use tracker::browser::now;

use crate::state::{Input, State};

/// How often a page that nobody sees takes in what came, in milliseconds: it gets no animation frames.
const HIDDEN_MS: u64 = 500;
/// What the stream tells is taken in so far apart at least, in milliseconds: each time the page is laid out and painted.
const APART_MS: f64 = 100.0;
/// With so many waiting they are taken in at once, so that memory stays bounded.
const MOST: usize = 256;

/// Where changes wait; clones are the same place.
#[derive(Clone)]
pub struct Frames {
    waiting: Rc<RefCell<Vec<Input>>>,
    planned: Rc<Cell<bool>>,
    timed: Rc<Cell<bool>>,
    last: Rc<Cell<Timestamp>>,
    state: RwSignal<State>,
}

impl Frames {
    /// For this state.
    pub fn new(state: RwSignal<State>) -> Self {
        Self { waiting: Rc::default(), planned: Rc::default(), timed: Rc::default(), last: Rc::default(), state }
    }

    /// Puts a change in.
    pub fn push(&self, input: Input) {
        // What somebody does here is answered at once.
        let can_wait = matches!(input, Input::Live(_));
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(input);
        let many = waiting.len() >= MOST;
        drop(waiting);
        if many {
            return self.take_in();
        }
        let since = now().millis_since(self.last.get());
        if !can_wait || !(0.0..APART_MS).contains(&since) {
            return self.plan();
        }
        if !self.timed.replace(true) {
            let this = self.clone();
            let then = move || {
                this.timed.set(false);
                this.plan();
            };
            set_timeout(then, Duration::from_millis((APART_MS - since) as u64));
        }
    }

    /// Takes in what waits with the next frame.
    fn plan(&self) {
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
        self.last.set(now());
        let inputs = self.waiting.take();
        if !inputs.is_empty() {
            self.state.update(|state| inputs.into_iter().for_each(|input| state.take(input, now())));
        }
    }
}
