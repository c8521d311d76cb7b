//! Steady clicks: N events of one kind from one IP within W milliseconds.

use serde_json::Value;

use super::{Activity, UseCase};
use crate::{Event, Kind, Route, Timestamp};

/// Somebody keeps pressing.
#[derive(Clone, Debug)]
pub struct SteadyClicks {
    /// The kind of event that counts.
    pub kind: Kind,
    /// How many make an alert.
    pub threshold: usize,
    /// Within how many milliseconds, by the client's clock.
    pub window_ms: i64,
}

impl Default for SteadyClicks {
    fn default() -> Self {
        Self { kind: Kind::KeyPress, threshold: 3, window_ms: 1000 }
    }
}

impl UseCase for SteadyClicks {
    fn id(&self) -> &'static str {
        "steady-clicks"
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind == self.kind
    }

    /// The state is the times of the events that may still become part of an alert, ascending.
    /// An alert clears it: the next one takes N new events.
    fn observe(&self, state: &mut Value, event: &Event) -> Option<Activity> {
        let mut times: Vec<Timestamp> = serde_json::from_value(state.take()).unwrap_or_default();
        let place = times.partition_point(|&time| time <= event.time);
        times.insert(place, event.time);
        let found = times.windows(self.threshold).find_map(|run| {
            let (started, ended) = (run[0], run[run.len() - 1]);
            (ended <= started.plus_millis(self.window_ms)).then_some(Activity { started, ended })
        });
        match found {
            Some(_) => times.clear(),
            // With no alert among them, only the latest N-1 can complete a later one (or one that comes late).
            None => drop(times.drain(..times.len().saturating_sub(self.threshold - 1))),
        }
        *state = serde_json::to_value(times).unwrap_or_default();
        found
    }

    fn describe(&self, activity: &Activity, key: &str, route: Route) -> (String, String) {
        let took = activity.ended.millis_since(activity.started);
        let subject = format!("Steady clicks from {key}");
        let content = format!(
            "{key} sent {} events of type {} within {took:.0} ms.\n\nFrom: {}\nTo:   {}\nSeen on route: {route}\n",
            self.threshold, self.kind, activity.started, activity.ended,
        );
        (subject, content)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::Source;

    fn press(millis: i64) -> Event {
        Event {
            specversion: Default::default(),
            id: Uuid::nil(),
            source: Source::Elsewhere("/test".to_owned()),
            kind: Kind::KeyPress,
            time: Timestamp::from_millis(millis),
            sequence: None,
            partitionkey: "127.0.0.1".to_owned(),
            traceparent: None,
            receivedtime: None,
            data: Value::Null,
        }
    }

    fn alerts(times: &[i64]) -> Vec<(i64, i64)> {
        let rule = SteadyClicks::default();
        let mut state = Value::Null;
        times
            .iter()
            .filter_map(|&time| rule.observe(&mut state, &press(time)))
            .map(|found| (found.started.millis(), found.ended.millis()))
            .collect()
    }

    #[test]
    fn three_within_a_second() {
        assert_eq!(alerts(&[0, 400, 1000]), [(0, 1000)]);
        assert_eq!(alerts(&[0, 400, 1001]), []);
        assert_eq!(alerts(&[0, 900, 1100, 1300]), [(900, 1300)]);
        assert_eq!(alerts(&[0, 1, 2, 3, 4, 5]), [(0, 2), (3, 5)]);
        assert_eq!(alerts(&[500, 900, 0]), [(0, 900)], "one that comes late still counts");
    }

    proptest! {
        /// Events in order: the rule finds what a greedy look through the whole list finds.
        #[test]
        fn agrees_with_a_naive_model(mut times in prop::collection::vec(0i64..6000, 0..40)) {
            times.sort_unstable();
            let (mut naive, mut start) = (Vec::new(), 0);
            for end in 0..times.len() {
                if end + 1 >= start + 3 && times[end] - times[end - 2] <= 1000 {
                    naive.push((times[end - 2], times[end]));
                    start = end + 1;
                }
            }
            prop_assert_eq!(alerts(&times), naive);
        }
    }
}
