//! Steady clicks: N events of one kind from one IP within W milliseconds.

mod mail;

use serde_json::Value;

use super::settings::{Field, Settings};
use super::use_case::{About, Activity, Cause, Finding, Memory, UseCase};
use crate::{Event, Kind, Timestamp};

/// The rule of steady clicks.
#[derive(Clone, Copy, Debug)]
pub struct SteadyClicks;

impl UseCase for SteadyClicks {
    fn id(&self) -> &'static str {
        "steady-clicks"
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::kind("kind", "Event type", Kind::KeyPress),
            Field::number("threshold", "Threshold", "events", (2, 100), 3),
            Field::number("window_ms", "Window", "ms", (1, 3_600_000), 1000),
        ]
    }

    fn about(&self, settings: &Settings) -> About {
        let (threshold, window) = (settings.number("threshold"), settings.number("window_ms"));
        About {
            title: "Steady clicks".to_owned(),
            trigger: format!("Events of type {}", settings.text("kind")),
            condition: format!("{threshold} of them from one IP within {window} ms, by the client’s clock"),
            action: "A mail to the recipient; the count begins anew".to_owned(),
            reason: "Somebody who keeps pressing is stuck, or is a robot".to_owned(),
        }
    }

    fn wants(&self, settings: &Settings, event: &Event) -> bool {
        // Events without an address may come from different senders.
        event.kind.name() == settings.text("kind") && !event.partitionkey.is_empty()
    }

    /// The state is the times of the events that may still become part of an alert, ascending.
    /// An alert clears it: the next one takes N new events.
    fn observe(&self, settings: &Settings, memory: &mut Memory, event: &Event, _now: Timestamp) -> Option<Finding> {
        let threshold = usize::try_from(settings.number("threshold")).unwrap_or_default().max(1);
        let mut times: Vec<Timestamp> = serde_json::from_value(memory.state.take()).unwrap_or_default();
        let place = times.partition_point(|&time| time <= event.time);
        times.insert(place, event.time);
        let found = times.windows(threshold).find_map(|run| {
            let (started, ended) = (run[0], run[run.len() - 1]);
            (ended <= started.plus_millis(settings.number("window_ms"))).then_some(Activity { started, ended })
        });
        match found {
            Some(_) => times.clear(),
            // With no alert among them, only the latest N-1 can complete a later one (or one that comes late).
            None => drop(times.drain(..times.len().saturating_sub(threshold - 1))),
        }
        memory.state = if times.is_empty() { Value::Null } else { serde_json::to_value(times).unwrap_or_default() };
        found.map(|activity| finding(activity, threshold, event))
    }
}

fn finding(activity: Activity, threshold: usize, event: &Event) -> Finding {
    let took = activity.ended.millis_since(activity.started);
    let (subject, content) = mail::subject_and_content(&event.partitionkey, &event.kind, threshold, took);
    Finding { activity, due: None, cause: Cause::from(event), subject, content }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::use_case::tests::event;

    fn alerts_with(settings: &Settings, times: &[i64]) -> Vec<(i64, i64)> {
        let mut memory = Memory::default();
        times
            .iter()
            .map(|&time| event(Kind::KeyPress, time, json!(null)))
            .filter_map(|event| SteadyClicks.observe(settings, &mut memory, &event, Timestamp::default()))
            .map(|found| (found.activity.started.millis(), found.activity.ended.millis()))
            .collect()
    }

    fn alerts(times: &[i64]) -> Vec<(i64, i64)> {
        alerts_with(&Settings::default_of(&SteadyClicks.fields()), times)
    }

    #[test]
    fn three_within_a_second() {
        assert_eq!(alerts(&[0, 400, 1000]), [(0, 1000)]);
        assert_eq!(alerts(&[0, 400, 1001]), []);
        assert_eq!(alerts(&[0, 900, 1100, 1300]), [(900, 1300)]);
        assert_eq!(alerts(&[0, 1, 2, 3, 4, 5]), [(0, 2), (3, 5)]);
        assert_eq!(alerts(&[500, 900, 0]), [(0, 900)], "one that comes late still counts");
    }

    #[test]
    fn settings_take_effect_at_once() {
        let with = |given: Value| {
            let fields = SteadyClicks.fields();
            Settings::default_of(&fields).changed(&fields, given.as_object().unwrap()).unwrap()
        };
        let settings = with(json!({"threshold": 2, "window_ms": 100, "kind": "ese.order.created"}));
        assert_eq!(alerts_with(&settings, &[0, 200, 300]), [(200, 300)]);
        assert!(SteadyClicks.wants(&settings, &event(Kind::OrderCreated, 0, json!(null))));
        assert!(!SteadyClicks.wants(&settings, &event(Kind::KeyPress, 0, json!(null))));
        let custom = with(json!({"kind": "com.example.paid"}));
        let paid = |name: &str| Event { kind: name.parse().unwrap(), ..event(Kind::KeyPress, 0, json!(null)) };
        assert!(SteadyClicks.wants(&custom, &paid("com.example.paid")));
        assert!(!SteadyClicks.wants(&custom, &paid("com.example.paid.late")));
        let nobodys = Event { partitionkey: String::new(), ..event(Kind::OrderCreated, 0, json!(null)) };
        assert!(!SteadyClicks.wants(&settings, &nobodys), "not grouped with others without an address");
    }

    proptest! {
        /// For events in order, the rule has the findings of a greedy search through the whole list.
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
