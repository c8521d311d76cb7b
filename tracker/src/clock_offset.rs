//! The offset of the server's clock, with an error that is certain: from the times of requests and answers.
//!
//! A server's clock is read after the request was sent and before its answer came back. So each answer bounds the offset from
//! both sides, and the bounds of several answers narrow it further.

use domain::Timestamp;

/// How far two clocks may drift apart, in millionths: twice the tolerance of a usual quartz, for each of the two.
const DRIFT_PPM: i64 = 200;
/// A browser's clock shows whole milliseconds.
const RESOLUTION_US: i64 = 1000;

/// When a request and its answer passed both ends.
#[derive(Clone, Copy, Debug)]
pub struct RoundTrip {
    /// The request was sent, by the client's clock.
    pub sent: Timestamp,
    /// It was received, by the server's clock.
    pub received: Timestamp,
    /// The answer was sent, by the server's clock.
    pub answered: Timestamp,
    /// It came back, by the client's clock.
    pub back: Timestamp,
}

/// What to add to the client's time for the server's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// In microseconds.
    pub offset_us: i64,
    /// The offset is wrong by no more than this, in microseconds.
    pub error_us: i64,
}

/// The bounds of the offset, from all round trips until now.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockOffset {
    bounds: Option<Bounds>,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: i64,
    high: i64,
    /// When they were right, by the client's clock.
    at: Timestamp,
}

impl Bounds {
    /// The clocks may have drifted since.
    fn later(self, now: Timestamp) -> Self {
        let drift = (now.micros() - self.at.micros()).abs() / (1_000_000 / DRIFT_PPM);
        Self { low: self.low - drift, high: self.high + drift, at: now }
    }
}

impl ClockOffset {
    /// Narrows the bounds by one round trip.
    pub fn observe(&mut self, trip: RoundTrip) {
        let low = trip.answered.micros() - trip.back.micros() - RESOLUTION_US;
        let high = trip.received.micros() - trip.sent.micros();
        if low > high {
            // A clock was set in between.
            return;
        }
        let fresh = Bounds { low, high, at: trip.back };
        let known = self.bounds.map(|bounds| bounds.later(trip.back));
        let both = known.map(|known| Bounds { low: known.low.max(low), high: known.high.min(high), ..fresh });
        // Where they exclude each other, a clock was set since.
        self.bounds = Some(both.filter(|both| both.low <= both.high).unwrap_or(fresh));
    }

    /// The offset now, if there was a round trip.
    pub fn estimate(&self, now: Timestamp) -> Option<Offset> {
        let Bounds { low, high, .. } = self.bounds?.later(now);
        Some(Offset { offset_us: low.midpoint(high), error_us: (high - low + 1) / 2 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trip(times: [i64; 4]) -> RoundTrip {
        let [sent, received, answered, back] = times.map(Timestamp::from_millis);
        RoundTrip { sent, received, answered, back }
    }

    #[test]
    fn round_trips_narrow_the_bounds_and_time_widens_them() {
        let mut clock = ClockOffset::default();
        assert_eq!(clock.estimate(Timestamp::default()), None);
        clock.observe(trip([1000, 6010, 6015, 1025]));
        let now = Timestamp::from_millis(1025);
        assert_eq!(clock.estimate(now), Some(Offset { offset_us: 4_999_500, error_us: 10_500 }));
        clock.observe(trip([1025, 6027, 6028, 1031]));
        let narrow = clock.estimate(Timestamp::from_millis(1031)).unwrap();
        assert!(narrow.error_us < 3100, "{narrow:?}");
        let later = clock.estimate(Timestamp::from_millis(11_031)).unwrap();
        assert_eq!(later.error_us - narrow.error_us, 2000, "ten seconds at 200 ppm");
    }

    #[test]
    fn a_clock_that_was_set_starts_anew() {
        let mut clock = ClockOffset::default();
        clock.observe(trip([1000, 6010, 6015, 1025]));
        clock.observe(trip([1100, 900, 901, 1105]));
        let now = Timestamp::from_millis(1105);
        assert_eq!(clock.estimate(now).unwrap().offset_us, -202_500);
        clock.observe(trip([1200, 900, 901, 1100]));
        assert_eq!(clock.estimate(now).unwrap().offset_us, -202_500, "an answer before its request says nothing");
    }

    proptest! {
        /// For any delays and any offset the true offset is within the error.
        #[test]
        fn the_true_offset_is_within_the_error(
            offset in -10_000_000_i64..10_000_000,
            trips in prop::collection::vec((0_i64..500_000, 0_i64..500_000, 0_i64..500_000, 0_i64..60_000_000), 1..20),
        ) {
            let (mut clock, mut now) = (ClockOffset::default(), 0);
            // The client's clock shows whole milliseconds.
            let shown = |micros: i64| Timestamp::from_millis(micros.div_euclid(1000));
            for (there, work, back, pause) in trips {
                let (sent, received) = (now, now + there);
                now = received + work + back;
                let answered = Timestamp::from_micros(received + work + offset);
                let received = Timestamp::from_micros(received + offset);
                clock.observe(RoundTrip { sent: shown(sent), received, answered, back: shown(now) });
                let found = clock.estimate(shown(now)).unwrap();
                prop_assert!((found.offset_us - offset).abs() <= found.error_us + 1, "{found:?}");
                now += pause;
            }
        }
    }
}
