//! The pool of a lane's dots: a few dots stand for any number of events.

use domain::Timestamp;

/// The number of dots.
pub const SIZE: usize = 10;

/// The dots of one lane.
#[derive(Clone, Debug, Default)]
pub struct DotPool {
    places: [Place; SIZE],
    next_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    free_at: Timestamp,
    runs: u32,
}

/// One run of one dot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dot {
    /// The number of runs of this dot, this one included.
    pub runs: u32,
    /// The time from one end to the other, in milliseconds.
    pub millis: u32,
    /// Its size in CSS pixels.
    pub size: u32,
}

impl DotPool {
    /// Sends a dot for `events` events that took `took_ms` each, if one is free and the lane has room.
    pub fn send(&mut self, events: u64, took_ms: f64, now: Timestamp) -> Option<(usize, Dot)> {
        let millis = slow_motion(took_ms);
        if now < self.next_at {
            return None;
        }
        let (index, place) = self.places.iter_mut().enumerate().find(|(_, place)| place.free_at <= now)?;
        place.free_at = now.plus_millis(i64::from(millis));
        place.runs += 1;
        let runs = place.runs;
        self.next_at = now.plus_millis(i64::from(millis) / SIZE as i64);
        Some((index, Dot { runs, millis, size: size(events) }))
    }
}

/// The time of the run: events take milliseconds, and ten times longer is shown as 0.7 s more.
fn slow_motion(took_ms: f64) -> u32 {
    (500.0 + 700.0 * took_ms.clamp(1.0, 100_000.0).log10()) as u32
}

const fn size(events: u64) -> u32 {
    match events {
        0..=1 => 7,
        2..=9 => 9,
        10..=99 => 11,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_steady_row_of_dots() {
        let mut dots = DotPool::default();
        let mut sent: Vec<i64> = Vec::new();
        for millis in 0..3000 {
            if dots.send(50, 10.0, Timestamp::from_millis(millis)).is_some() {
                sent.push(millis);
            }
        }
        assert_eq!(sent.len(), 25, "one each 120 ms, since each runs for 1.2 s");
        assert!(sent.windows(2).all(|pair| pair[1] - pair[0] == 120));
    }

    #[test]
    fn each_run_of_a_dot_differs_from_its_last_one() {
        let (at, mut dots) = (Timestamp::from_millis, DotPool::default());
        assert_eq!(dots.send(1, 1.0, at(0)), Some((0, Dot { runs: 1, millis: 500, size: 7 })));
        assert_eq!(dots.send(1, 1.0, at(49)), None, "too close");
        assert_eq!(dots.send(1000, -4.0, at(60)), Some((1, Dot { runs: 1, millis: 500, size: 13 })));
        assert_eq!(dots.send(1, 1000.0, at(600)), Some((0, Dot { runs: 2, millis: 2600, size: 7 })));
    }
}
