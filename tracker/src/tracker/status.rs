//! The status of sending, for the page.

use domain::Route;

use super::Tracker;
use crate::buffering::Pace;
use crate::tracker_event::{RouteStatus, Status};

impl Tracker {
    /// The status of sending now.
    pub fn status(&self) -> Status {
        let waiting = |route: Route| self.queue.iter().filter(|(_, entry)| entry.pending.contains(&route)).count();
        let held = match self.gate.pace() {
            Pace::Immediate => 0,
            Pace::Buffered { .. } => self.queue.iter().filter(|&(number, _)| number > self.gate.open_to()).count(),
        };
        Status {
            routes: Route::ALL
                .map(|route| RouteStatus { waiting: waiting(route), trouble: self.troubles[route as usize].clone() }),
            held,
            bytes: self.queue.bytes(),
            unsaved: None,
            clock: None,
        }
    }
}
