//! The actions of all clients: a pure function of the parameters and the seed.

use std::collections::VecDeque;
use std::time::Duration;

use domain::Kind;
use domain::api::simulation::Parameters;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::arrivals::{Arrivals, joined};

/// The mean time between two bursts of three quick presses, in seconds.
const BURST_EVERY: f64 = 3.0;
/// The presses of a burst lie within this time, as the rule requires.
const BURST_WITHIN: Duration = Duration::from_secs(1);
/// Any other press of the same client comes at least this much later.
const PRESS_PAUSE: Duration = Duration::from_secs(2);
/// One order in this many is left incomplete.
const LEFT_ONE_IN: u32 = 10;

const PAGES: [&str; 5] = ["/", "/live", "/use-cases", "/inbox", "/ledger"];
const BUTTONS: [&str; 4] = ["click-me", "buy", "help", "more"];
/// The steps of an order; the last is its completion.
const STEPS: [Kind; 4] = [Kind::OrderCreated, Kind::OrderAllocated, Kind::OrderStarted, Kind::OrderCompleted];

/// One event to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// When it is due, since the start.
    pub(super) at: Duration,
    /// The number of the client.
    pub(super) client: usize,
    /// The action.
    pub(super) action: Action,
}

/// An action of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Click { button: usize },
    Press { ends_burst: bool },
    Input { length: u8 },
    Walk { from: usize, to: usize },
    Order { number: u32, step: usize },
}

impl Action {
    /// The kind and the data of its event; `run` distinguishes the orders of different simulations.
    pub(super) fn event(self, run: &str) -> (Kind, Value) {
        match self {
            Self::Click { button } => (Kind::ButtonClick, json!({ "button": BUTTONS[button] })),
            Self::Press { .. } => (Kind::KeyPress, json!({ "key": "f" })),
            Self::Input { length } => {
                (Kind::InputPassed, json!({ "field": "text-input", "value": "so it goes ".repeat(length.into()) }))
            }
            Self::Walk { from, to } => (Kind::Navigation, json!({ "from": PAGES[from], "to": PAGES[to] })),
            Self::Order { number, step } => (STEPS[step], json!({ "order": format!("{run}-{number}") })),
        }
    }

    /// Whether it completes an order.
    pub(super) const fn completes(self) -> bool {
        matches!(self, Self::Order { step: 3, .. })
    }

    /// Whether it creates an order.
    pub(super) const fn creates(self) -> bool {
        matches!(self, Self::Order { step: 0, .. })
    }
}

/// The state of one client.
#[derive(Clone, Copy)]
struct Visitor {
    page: usize,
    /// When it may press a key again.
    next_press_at: Duration,
}

struct Order {
    client: usize,
    number: u32,
    next: usize,
    /// The step that is never taken; past the last if all are taken.
    never: usize,
}

/// All slots, ascending by time.
pub(super) struct Plan {
    arrivals: Arrivals,
    ramp_up_seconds: u32,
    left: u64,
    random: StdRng,
    visitors: Vec<Visitor>,
    orders: VecDeque<Order>,
    last_order: u32,
    next_burst: Duration,
    ready: VecDeque<Slot>,
}

impl Plan {
    /// The plan of a seed.
    pub(super) fn new(parameters: Parameters, seed: u32) -> Self {
        let mut random = StdRng::seed_from_u64(seed.into());
        Self {
            arrivals: Arrivals::new(parameters, StdRng::from_rng(&mut random)),
            ramp_up_seconds: parameters.ramp_up_seconds,
            left: parameters.count.unwrap_or(u64::MAX),
            random,
            visitors: vec![Visitor { page: 0, next_press_at: Duration::ZERO }; parameters.clients as usize],
            orders: VecDeque::new(),
            last_order: 0,
            next_burst: Duration::from_secs_f64(BURST_EVERY / 2.0),
            ready: VecDeque::new(),
        }
    }

    /// One of the clients that have joined by then.
    fn anyone(&mut self, at: Duration) -> usize {
        let there = (self.visitors.len() as f64 * joined(at.as_secs_f64(), self.ramp_up_seconds)).ceil() as usize;
        self.random.random_range(0..there.clamp(1, self.visitors.len()))
    }

    /// Three key presses of one client, if the next three moments are close enough to each other.
    fn burst(&mut self, first: Duration) {
        let client = self.anyone(first);
        let moments: Vec<Duration> = [first].into_iter().chain(self.arrivals.by_ref().take(2)).collect();
        let quick =
            moments.len() == 3 && moments[2] - first < BURST_WITHIN && first >= self.visitors[client].next_press_at;
        for (index, &at) in moments.iter().enumerate() {
            let slot = match quick {
                true => Slot { at, client, action: Action::Press { ends_burst: index == 2 } },
                false => self.ordinary(at),
            };
            self.ready.push_back(slot);
        }
        if quick {
            self.visitors[client].next_press_at = moments[2] + PRESS_PAUSE;
            let pause = self.random.random_range(0.7..1.3) * BURST_EVERY;
            self.next_burst = first + Duration::from_secs_f64(pause);
        }
    }

    /// An ordinary action, which completes no burst.
    fn ordinary(&mut self, at: Duration) -> Slot {
        if !self.orders.is_empty()
            && self.random.random_bool(0.25)
            && let Some(mut order) = self.orders.pop_front()
        {
            let action = Action::Order { number: order.number, step: order.next };
            let client = order.client;
            order.next += 1;
            if order.next < order.never {
                self.orders.push_back(order);
            }
            return Slot { at, client, action };
        }
        let client = self.anyone(at);
        let action = match self.random.random_range(0..100) {
            0..5 => self.create(client),
            5..10 if at >= self.visitors[client].next_press_at => {
                self.visitors[client].next_press_at = at + PRESS_PAUSE;
                Action::Press { ends_burst: false }
            }
            10..20 => Action::Input { length: self.random.random_range(1..8) },
            20..45 => {
                let from = self.visitors[client].page;
                let to = (from + self.random.random_range(1..PAGES.len())) % PAGES.len();
                self.visitors[client].page = to;
                Action::Walk { from, to }
            }
            _ => Action::Click { button: self.random.random_range(0..BUTTONS.len()) },
        };
        Slot { at, client, action }
    }

    fn create(&mut self, client: usize) -> Action {
        self.last_order += 1;
        let number = self.last_order;
        let left = self.random.random_ratio(1, LEFT_ONE_IN);
        let never = if left { self.random.random_range(1..STEPS.len()) } else { STEPS.len() };
        if never > 1 {
            self.orders.push_back(Order { client, number, next: 1, never });
        }
        Action::Order { number, step: 0 }
    }
}

impl Iterator for Plan {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        self.left = self.left.checked_sub(1)?;
        if let Some(slot) = self.ready.pop_front() {
            return Some(slot);
        }
        let at = self.arrivals.next()?;
        if at < self.next_burst {
            return Some(self.ordinary(at));
        }
        self.burst(at);
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;
