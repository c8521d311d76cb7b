//! The life of an order on the page: any step may be taken at any time, in order or not.

use domain::Kind;
use serde_json::{Value, json};

/// The steps, in the order they should be taken.
pub const STEPS: [Step; 4] = [Step::Create, Step::Allocate, Step::Start, Step::Complete];

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The order is created.
    Create,
    /// Stock is allocated.
    Allocate,
    /// Work starts.
    Start,
    /// The order is complete.
    Complete,
}

impl Step {
    /// The kind of the step's event.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Create => Kind::OrderCreated,
            Self::Allocate => Kind::OrderAllocated,
            Self::Start => Kind::OrderStarted,
            Self::Complete => Kind::OrderCompleted,
        }
    }

    /// The label of the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Allocate => "Allocate",
            Self::Start => "Start",
            Self::Complete => "Complete",
        }
    }
}

/// One order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Its name, such as `A-3F2C`.
    pub name: String,
    taken: [u32; 4],
    /// The last step, if it was out of order.
    pub odd: Option<Step>,
}

impl Order {
    /// A new order with a random name.
    pub fn new(random: f64) -> Self {
        let number = (random * 65_536.0) as u32;
        Self { name: format!("A-{number:04X}"), taken: [0; 4], odd: None }
    }

    /// Takes a step, and returns the data of its event.
    pub fn take(&mut self, step: Step) -> Value {
        let in_order = self.next() == Some(step);
        self.odd = (!in_order).then_some(step);
        self.taken[step as usize] += 1;
        json!({ "order": self.name, "in_order": in_order })
    }

    /// How often a step was taken.
    pub fn taken(&self, step: Step) -> u32 {
        self.taken[step as usize]
    }

    /// The next step in order: the first one that was not taken.
    pub fn next(&self) -> Option<Step> {
        STEPS.into_iter().find(|&step| self.taken(step) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_out_of_order_is_possible_and_marked() {
        let mut order = Order::new(0.5);
        assert_eq!((order.name.as_str(), order.next()), ("A-8000", Some(Step::Create)));
        assert_eq!(order.take(Step::Create)["in_order"], true);
        assert_eq!(order.take(Step::Start)["in_order"], false);
        assert_eq!((order.odd, order.next()), (Some(Step::Start), Some(Step::Allocate)));
        order.take(Step::Allocate);
        assert_eq!((order.odd, order.next()), (None, Some(Step::Complete)));
        assert_eq!(order.take(Step::Create)["in_order"], false, "twice");
    }
}
