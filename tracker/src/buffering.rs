//! The pace of sending: at once, or buffered until enough events wait, some time has passed, or the user asks.

use domain::Timestamp;

/// The pace of sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    #[default]
    Immediate,
    /// Events are held until so many wait, or until the first has waited so long.
    Buffered {
        /// How many.
        events: u64,
        /// How long, in milliseconds.
        millis: i64,
    },
}

/// The gate that holds events back.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    pace: Pace,
    /// Events up to this number may be sent.
    open_to: u64,
    last: u64,
    held_since: Option<Timestamp>,
}

impl Gate {
    /// A new event is queued.
    pub fn arrive(&mut self, number: u64, now: Timestamp) {
        self.last = self.last.max(number);
        self.held_since.get_or_insert(now);
        self.pass(now);
    }

    /// Sets the pace; [`Pace::Immediate`] opens the gate.
    pub fn set(&mut self, pace: Pace, now: Timestamp) {
        self.pace = pace;
        self.pass(now);
    }

    /// The pace.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Opens the gate if the pace allows it now.
    pub fn pass(&mut self, now: Timestamp) {
        let open = match self.pace {
            Pace::Immediate => true,
            Pace::Buffered { events, .. } => self.held() >= events || self.due_at().is_some_and(|due| now >= due),
        };
        if open {
            self.open();
        }
    }

    /// Opens the gate for all events held now.
    pub fn open(&mut self) {
        self.open_to = self.last;
        self.held_since = None;
    }

    /// Events up to this number may be sent.
    pub fn open_to(&self) -> u64 {
        self.open_to
    }

    /// How many events are held.
    pub fn held(&self) -> u64 {
        self.last - self.open_to
    }

    /// When the gate opens by itself.
    pub fn due_at(&self) -> Option<Timestamp> {
        match (self.pace, self.held_since) {
            (Pace::Buffered { millis, .. }, Some(since)) => Some(since.plus_millis(millis)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_by_count_by_time_and_on_demand() {
        let at = Timestamp::from_millis;
        let mut gate = Gate::default();
        gate.arrive(1, at(0));
        assert_eq!(gate.open_to(), 1, "at once");

        gate.set(Pace::Buffered { events: 3, millis: 1000 }, at(10));
        gate.arrive(2, at(20));
        gate.arrive(3, at(30));
        assert_eq!((gate.open_to(), gate.held(), gate.due_at()), (1, 2, Some(at(1020))));
        gate.arrive(4, at(40));
        assert_eq!((gate.open_to(), gate.due_at()), (4, None), "three events open it");

        gate.arrive(5, at(50));
        gate.pass(at(1049));
        assert_eq!(gate.held(), 1);
        gate.pass(at(1050));
        assert_eq!(gate.held(), 0, "time opens it");

        gate.arrive(6, at(2000));
        gate.open();
        assert_eq!(gate.open_to(), 6, "the user opens it");
        gate.arrive(7, at(2001));
        gate.set(Pace::Immediate, at(2002));
        assert_eq!(gate.open_to(), 7);
    }
}
