//! The way of one copy of an event, stop by stop, as far as it is known.

use domain::Timestamp;
use domain::api::Position;
use tracker::json;

use crate::state::event_row::{EventCopy, EventRow};

/// Where a copy passes, in the order of its way; `accepted` comes whenever the route's promise holds.
pub const STOPS: [&str; 6] = [
    "Queued here",
    "Sent",
    "Received by the backend",
    "Accepted, as heard here",
    "Reached the consumer",
    "In the books",
];

/// When a copy passed each of [`STOPS`].
pub fn stop_times(cell: &EventCopy) -> [Option<Timestamp>; 6] {
    let hops = cell.hops.as_ref();
    [
        cell.queued,
        cell.sent,
        hops.and_then(|hops| hops.received),
        cell.answered,
        hops.map(|hops| hops.arrived),
        hops.map(|hops| hops.processed),
    ]
}

/// Where on its route a copy was, in words.
pub fn place(position: Position) -> String {
    match position {
        Position::Store(number) => format!("store, position {number}"),
        Position::Record { partition, offset } => format!("partition {partition}, offset {offset}"),
    }
}

/// The event as JSON text: all of it where this page emitted it, else what the live stream says of it.
pub fn raw(row: &EventRow) -> String {
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
    let data = event.map(|event| ("data", json::write(&event.data).unwrap_or_default()));
    let attributes = attributes.into_iter().filter_map(|(name, text)| Some((name, quoted(text?)))).chain(data);
    // A line for each attribute is enough; what they hold stays in one line.
    let lines: Vec<String> = attributes.map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::api::{Hops, Processed};
    use domain::{Event, Route};
    use serde_json::{Value, json};

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
    fn the_raw_event_is_the_event_whoever_emitted_it() {
        let mut mine = EventRow::of(&Arc::new(event()));
        mine.key = "127.0.0.1".to_owned();
        let text = raw(&mine);
        assert_eq!(text.lines().count(), 2 + 8, "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), Event { partitionkey: mine.key, ..event() });

        let moment = Timestamp::default();
        let processed = Processed::new(&event(), Route::Kafka, domain::ledger::Seen::New, moment, moment);
        let text = raw(&EventRow::from_live(&processed));
        let theirs: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(theirs, Event { data: Value::Null, ..event() });
    }

    #[test]
    fn stops_are_known_one_by_one() {
        let at = Timestamp::from_millis;
        let mut cell = EventCopy { queued: Some(at(1)), sent: Some(at(2)), ..EventCopy::default() };
        assert_eq!(stop_times(&cell), [Some(at(1)), Some(at(2)), None, None, None, None]);
        cell.hops = Some(Hops { emitted: at(1), received: Some(at(3)), arrived: at(5), processed: at(6) });
        cell.answered = Some(at(4));
        assert_eq!(stop_times(&cell), [1, 2, 3, 4, 5, 6].map(|millis| Some(at(millis))));
        assert_eq!(place(Position::Store(9)), "store, position 9");
        assert_eq!(place(Position::Record { partition: 2, offset: 0 }), "partition 2, offset 0");
    }
}
