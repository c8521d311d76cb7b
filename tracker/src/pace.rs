//! When events may leave: at once, or held until there are enough of them, some time has passed, or a word is given.

use domain::Timestamp;

/// How eagerly to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    #[default]
    Immediate,
    /// Held until so many events wait, or the first has waited so long.
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
    /// Numbers up to here may leave.
    open_to: u64,
    last: u64,
    held_since: Option<Timestamp>,
}

impl Gate {
    /// A new event has come to the gate.
    pub fn arrive(&mut self, number: u64, now: Timestamp) {
        self.last = self.last.max(number);
        self.held_since.get_or_insert(now);
        self.pass(now);
    }

    /// Sets the pace; [`Pace::Immediate`] lets everything go.
    pub fn set(&mut self, pace: Pace, now: Timestamp) {
        self.pace = pace;
        self.pass(now);
    }

    /// The pace.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Opens where the pace says so; to be called when time has passed.
    pub fn pass(&mut self, now: Timestamp) {
        let open = match self.pace {
            Pace::Immediate => true,
            Pace::Buffered { events, .. } => self.held() >= events || self.due_at().is_some_and(|due| now >= due),
        };
        if open {
            self.open();
        }
    }

    /// Lets go of what is held now.
    pub fn open(&mut self) {
        self.open_to = self.last;
        self.held_since = None;
    }

    /// Numbers up to this one may leave.
    pub fn open_to(&self) -> u64 {
        self.open_to
    }

    /// How many numbers are held.
    pub fn held(&self) -> u64 {
        self.last - self.open_to
    }

    /// When what is held may leave by itself.
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
    fn opens_by_number_by_time_and_on_demand() {
        let at = Timestamp::from_millis;
        let mut gate = Gate::default();
        gate.arrive(1, at(0));
        assert_eq!(gate.open_to(), 1, "at once");

        gate.set(Pace::Buffered { events: 3, millis: 1000 }, at(10));
        gate.arrive(2, at(20));
        gate.arrive(3, at(30));
        assert_eq!((gate.open_to(), gate.held(), gate.due_at()), (1, 2, Some(at(1020))));
        gate.arrive(4, at(40));
        assert_eq!((gate.open_to(), gate.due_at()), (4, None), "three make it open");

        gate.arrive(5, at(50));
        gate.pass(at(1049));
        assert_eq!(gate.held(), 1);
        gate.pass(at(1050));
        assert_eq!(gate.held(), 0, "time makes it open");

        gate.arrive(6, at(2000));
        gate.open();
        assert_eq!(gate.open_to(), 6, "a word makes it open");
        gate.arrive(7, at(2001));
        gate.set(Pace::Immediate, at(2002));
        assert_eq!(gate.open_to(), 7);
    }
}
