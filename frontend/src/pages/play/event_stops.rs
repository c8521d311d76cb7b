//! The stops of one copy of an event, with their times, and the event as JSON.

use domain::Timestamp;
use domain::api::Position;
use tracker::json;

use crate::state::event_row::{EventCopy, EventRow};

/// The stops of a copy, in order. The answer is last: the browser may read it after the event is in the ledger.
pub const STOPS: [&str; 6] = [
    "Queued here",
    "Sent",
    "Received by the backend",
    "Reached the consumer",
    "In the ledger",
    "Answer back in the browser",
];

/// Those of [`STOPS`] whose times are of a server's clock.
pub const BY_SERVER: std::ops::Range<usize> = 2..5;

/// When a copy passed each of [`STOPS`].
pub fn stop_times(copy: &EventCopy) -> [Option<Timestamp>; 6] {
    let hops = copy.hops.as_ref();
    [
        copy.queued,
        copy.sent,
        hops.and_then(|hops| hops.received),
        hops.map(|hops| hops.arrived),
        hops.map(|hops| hops.processed),
        copy.answered,
    ]
}

/// The position on the route, as text.
pub fn place(position: Position) -> String {
    match position {
        Position::Store(number) => format!("store, position {number}"),
        Position::Record { partition, offset } => format!("partition {partition}, offset {offset}"),
    }
}

/// The event as JSON text: the whole event if this page emitted it, else the attributes from the live stream.
pub fn event_json(row: &EventRow) -> String {
    let event = row.event.as_ref();
    let attributes = [
        ("specversion", event.map(|_| "1.0".to_owned())),
        ("id", Some(row.id.to_string())),
        ("source", row.session.map(|session| format!("/sessions/{session}"))),
        ("type", Some(row.kind.name().to_owned())),
        ("time", Some(row.time.to_string())),
        ("sequence", row.number.map(|number| number.to_string())),
        ("partitionkey", Some(row.key.clone()).filter(|key| !key.is_empty())),
        ("traceparent", event.and_then(|event| event.traceparent.clone())),
    ];
    let quoted = |text: String| json::write(&text).unwrap_or_default();
    let data = event.map(|event| json::write(&event.data).unwrap_or_default()).or_else(|| row.data.clone());
    let data = data.map(|data| ("data", data));
    let attributes = attributes.into_iter().filter_map(|(name, text)| Some((name, quoted(text?)))).chain(data);
    // Each attribute has one line.
    let lines: Vec<String> = attributes.map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::api::{Hops, Processed};
    use domain::event::Data;
    use domain::{Event, Route};
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        serde_json::from_value(json!({
            "specversion": "1.0", "id": "0192f0c1-2345-7abc-8def-0123456789ab",
            "source": "/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type": "ese.click-stream.key-press", "time": "2026-01-31T12:00:00Z", "sequence": "17",
            "data": {"key": "<b>\n\"f\""}
        }))
        .unwrap()
    }

    #[test]
    fn the_json_text_is_the_event_of_any_page() {
        let mut mine = EventRow::of(&Arc::new(event()));
        mine.key = "127.0.0.1".to_owned();
        let text = event_json(&mine);
        assert_eq!(text.lines().count(), 2 + 8, "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), Event { partitionkey: mine.key, ..event() });

        let moment = Timestamp::default();
        let processed = Processed::new(&event(), Route::Kafka, domain::ledger::Seen::New, moment, moment);
        let text = event_json(&EventRow::from_live(&processed));
        let theirs: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(theirs, Event { data: Data::default(), ..event() });

        let custom = Event { kind: "com.example.order-paid".parse().unwrap(), ..event() };
        let processed = Processed::new(&custom, Route::Kafka, domain::ledger::Seen::New, moment, moment);
        let text = event_json(&EventRow::from_live(&processed));
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), custom, "the live stream has its data");
    }

    #[test]
    fn stops_are_known_one_by_one() {
        let at = Timestamp::from_millis;
        let mut copy = EventCopy { queued: Some(at(1)), sent: Some(at(2)), ..EventCopy::default() };
        assert_eq!(stop_times(&copy), [Some(at(1)), Some(at(2)), None, None, None, None]);
        copy.hops = Some(Hops { emitted: at(1), received: Some(at(3)), arrived: at(4), processed: at(5) });
        copy.answered = Some(at(6));
        assert_eq!(stop_times(&copy), [1, 2, 3, 4, 5, 6].map(|millis| Some(at(millis))));
        assert_eq!(place(Position::Store(9)), "store, position 9");
        assert_eq!(place(Position::Record { partition: 2, offset: 0 }), "partition 2, offset 0");
    }
}
