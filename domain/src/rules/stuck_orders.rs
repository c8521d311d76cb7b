//! Stuck orders: created, and not completed within T seconds; found by the absence of an event.
//!
//! The client's times alone decide whether an order is stuck. The decision waits until all events are processed that were
//! received until T seconds and some lateness after its creation. So the order of arrival does not matter: a consumer that is
//! behind has its findings late, but none is false.

mod mail;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::{Field, Settings};
use super::use_case::{About, Activity, Cause, Finding, Memory, UseCase};
use crate::json::Json;
use crate::{Event, EventType, Kind, Timestamp};

/// The rule of stuck orders.
#[derive(Clone, Copy, Debug)]
pub struct StuckOrders;

/// The longest order name, in characters; longer ones are cut.
const NAME: usize = 64;
/// The most completions that are remembered of an order that is not created yet.
const COMPLETIONS: usize = 8;

/// The memory of one order.
#[derive(Default, Serialize, Deserialize)]
struct Order {
    created: Option<Created>,
    completed: Vec<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Created {
    at: Timestamp,
    name: String,
    cause: Cause,
}

impl UseCase for StuckOrders {
    fn id(&self) -> &'static str {
        "stuck-orders"
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::number("within_s", "Completed within", "s", (1, 86_400), 15),
            Field::number("lateness_s", "Lateness allowed", "s", (0, 3_600), 5),
        ]
    }

    fn about(&self, settings: &Settings) -> About {
        let (within, lateness) = (settings.number("within_s"), settings.number("lateness_s"));
        About {
            title: "Stuck orders".to_owned(),
            trigger: format!("Events of type {} and {}", Kind::OrderCreated, Kind::OrderCompleted),
            condition: format!(
                "No completion within {within} s of the creation, by the client’s clock; decided {lateness} s later, \
                 when all that was received until then is processed"
            ),
            action: "A mail to the recipient".to_owned(),
            reason: "Somebody waits for something that nobody works on any more".to_owned(),
        }
    }

    fn wants(&self, _: &Settings, event: &Event) -> bool {
        matches!(event.kind, EventType::Known(Kind::OrderCreated | Kind::OrderCompleted))
    }

    fn key(&self, event: &Event) -> String {
        format!("{}/{}", event.partitionkey, name(event))
    }

    fn observe(&self, settings: &Settings, memory: &mut Memory, event: &Event, now: Timestamp) -> Option<Finding> {
        let mut order: Order = serde_json::from_value(memory.state.take()).unwrap_or_default();
        let settled = settings.number("within_s") + settings.number("lateness_s");
        let due = event.receivedtime.unwrap_or(now).plus_millis(settled.saturating_mul(1000));
        if event.kind == Kind::OrderCreated {
            // An order is created once; a second creation under its name while it is open changes nothing.
            if order.created.as_ref().is_none_or(|known| event.time < known.at) {
                order.created = Some(Created { at: event.time, name: name(event), cause: Cause::from(event) });
                memory.due = Some(due);
            }
        } else {
            order.completed.push(event.time);
            let surplus = order.completed.len().saturating_sub(COMPLETIONS);
            order.completed.drain(..surplus);
            memory.due.get_or_insert(due);
        }
        memory.state = serde_json::to_value(order).unwrap_or_default();
        None
    }

    fn due(&self, settings: &Settings, memory: &mut Memory) -> Option<Finding> {
        let due = memory.due.take();
        let order: Order = serde_json::from_value(memory.state.take()).unwrap_or_default();
        let Created { at, name, cause } = order.created?;
        let within = settings.number("within_s");
        let activity = Activity { started: at, ended: at.plus_millis(within.saturating_mul(1000)) };
        if order.completed.iter().any(|completed| (activity.started..=activity.ended).contains(completed)) {
            return None;
        }
        let (subject, content) = mail::subject_and_content(&cause.ip, &name, within);
        Some(Finding { activity, due, cause, subject, content })
    }
}

/// The order's name; all orders of a client without a name count as one.
fn name(event: &Event) -> String {
    // The original example's clients write orderId and order_id.
    let data: BTreeMap<String, Json> = event.data.read();
    let given = ["order", "orderId", "order_id"].into_iter().find_map(|field| data.get(field));
    let name = given.map_or_else(String::new, |order| match order {
        Json(Value::String(text)) => text.clone(),
        Json(other) => other.to_string(),
    });
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    if name.is_empty() { "without a name".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::use_case::tests::event;

    /// The finding about one order whose events come in this order, all before the decision.
    fn found(events: &[(Kind, i64)]) -> Option<(i64, i64)> {
        let settings = Settings::default_of(&StuckOrders.fields());
        let mut memory = Memory::default();
        for &(kind, second) in events {
            let event = event(kind, second * 1000, json!({"order": "A-1"}));
            assert!(StuckOrders.wants(&settings, &event));
            assert_eq!(StuckOrders.key(&event), "127.0.0.1/A-1");
            assert!(StuckOrders.observe(&settings, &mut memory, &event, Timestamp::from_millis(0)).is_none());
        }
        memory.due?;
        let found = StuckOrders.due(&settings, &mut memory);
        assert_eq!(memory, Memory::default(), "a decided order is forgotten");
        found.map(|found| (found.activity.started.millis() / 1000, found.activity.ended.millis() / 1000))
    }

    #[test]
    fn an_order_without_an_address_has_its_name_as_key() {
        let settings = Settings::default_of(&StuckOrders.fields());
        let mut memory = Memory::default();
        let nobodys = Event { partitionkey: String::new(), ..event(Kind::OrderCreated, 0, json!({"order": "A-1"})) };
        assert_eq!(StuckOrders.key(&nobodys), "/A-1");
        assert_eq!(StuckOrders.observe(&settings, &mut memory, &nobodys, Timestamp::default()), None);
        let found = StuckOrders.due(&settings, &mut memory).unwrap();
        assert!(found.content.starts_with("Somebody created the order A-1"), "{}", found.content);
    }

    #[test]
    fn the_name_is_a_text_or_the_json_of_another_value() {
        for (data, name) in [
            (json!({"order": "A-1", "orderId": "B"}), "A-1"),
            (json!({"orderId": 7, "order_id": "C"}), "7"),
            (json!({"order_id": ["x", 1]}), "[\"x\",1]"),
            (json!({"order": null, "orderId": "B"}), "null"),
            (json!({"order": "\n"}), "without a name"),
            (json!(["A-1"]), "without a name"),
            (json!("A-1"), "without a name"),
        ] {
            let event = event(Kind::OrderCreated, 0, data);
            assert_eq!(StuckOrders.key(&event), format!("127.0.0.1/{name}"));
        }
    }

    #[test]
    fn completed_in_time_or_not() {
        use Kind::{OrderCompleted as Completed, OrderCreated as Created};
        assert_eq!(found(&[(Created, 0)]), Some((0, 15)));
        assert_eq!(found(&[(Created, 0), (Completed, 15)]), None);
        assert_eq!(found(&[(Created, 0), (Completed, 16)]), Some((0, 15)), "too late counts as never");
        assert_eq!(
            found(&[(Created, 5), (Completed, 0)]),
            Some((5, 20)),
            "a completion before the creation does not count"
        );
        assert_eq!(found(&[(Completed, 3)]), None, "no finding about an order that was not created");
        assert_eq!(found(&[(Created, 0), (Created, 10), (Completed, 12)]), None);
    }

    #[test]
    fn it_is_decided_when_lateness_has_passed_since_the_backend_received_it() {
        let settings = Settings::default_of(&StuckOrders.fields());
        let mut memory = Memory::default();
        let received = Some(Timestamp::from_millis(7_000));
        let created = Event { receivedtime: received, ..event(Kind::OrderCreated, 0, json!({})) };
        StuckOrders.observe(&settings, &mut memory, &created, Timestamp::from_millis(99_000));
        assert_eq!(memory.due, Some(Timestamp::from_millis(27_000)));
        let found = StuckOrders.due(&settings, &mut memory).unwrap();
        assert_eq!(
            (found.due, found.subject.as_str()),
            (Some(Timestamp::from_millis(27_000)), "Order without a name is stuck")
        );
    }

    proptest! {
        /// The finding is the same for every order of arrival.
        #[test]
        fn the_order_of_arrival_does_not_matter(
            completions in prop::collection::vec(0i64..40, 0..6),
            (places, created) in (prop::collection::vec(0usize..7, 7), 0i64..20),
        ) {
            let mut events = vec![(Kind::OrderCreated, created)];
            events.extend(completions.iter().map(|&second| (Kind::OrderCompleted, second)));
            let in_order = found(&events);
            for (from, to) in places.into_iter().enumerate() {
                let (from, to) = (from % events.len(), to % events.len());
                events.swap(from, to);
            }
            prop_assert_eq!(found(&events), in_order);
            let naive = completions.iter().any(|second| (created..=created + 15).contains(second));
            prop_assert_eq!(in_order.is_none(), naive);
        }
    }
}
