//! The passage of one event and of its copies, as the picture shows it: places, milestones and words. Pure.

use domain::Route;

use crate::format::{duration, kind};
use crate::state::event_row::{CopyState, EventCopy, EventRow};

/// The milestones of a copy, in order.
pub const MILESTONES: [&str; 2] = ["accepted", "processed"];

/// One milestone of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// `reached`, `waiting`, `refused` or `open`, as in `data-state`.
    pub state: &'static str,
    /// A word or two.
    pub word: &'static str,
    /// The time that it took, or the status of the refusal.
    pub number: String,
}

/// The passage of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The state of the copy, or `idle` if there is none.
    pub state: &'static str,
    /// The place on the lane: `browser`, `leaving`, `back`, `store` or `consumer`.
    pub place: &'static str,
    /// The states of [`MILESTONES`].
    pub milestones: [Milestone; 2],
}

impl Passage {
    /// The passage of a copy; `refusal` is the status of the answer that refused it last, if there was an answer.
    pub fn of(route: Route, copy: Option<&EventCopy>, refusal: Option<u16>) -> Self {
        match copy {
            None => Self { state: "idle", place: "browser", milestones: MILESTONES.map(open) },
            Some(copy) => Self {
                state: copy.state.name(),
                place: place(route, copy.state),
                milestones: [accepted(copy, refusal), processed(copy)],
            },
        }
    }
}

const fn place(route: Route, state: CopyState) -> &'static str {
    match (state, route) {
        (CopyState::Queued | CopyState::Shed, _) => "browser",
        (CopyState::Retry | CopyState::Rejected, _) => "back",
        // http-push has no store: the copy is at the consumer once the live stream shows it there.
        (CopyState::Sent, _) | (CopyState::Accepted | CopyState::Duplicate, Route::HttpPush) => "leaving",
        (CopyState::Accepted | CopyState::Duplicate, _) => "store",
        (CopyState::Processed, _) => "consumer",
    }
}

fn accepted(copy: &EventCopy, refusal: Option<u16>) -> Milestone {
    let milestone = |state, word, number: String| Milestone { state, word, number };
    if copy.answered.is_some() {
        return milestone("reached", "accepted", copy.accepted_ms().map(duration).unwrap_or_default());
    }
    match (copy.state, refusal) {
        (CopyState::Queued, _) => milestone("waiting", "queued", String::new()),
        (CopyState::Sent, _) => milestone("waiting", "sent", String::new()),
        (CopyState::Retry, Some(status)) => milestone("refused", "refused,", format!("{status}; sent again")),
        (CopyState::Retry, None) => milestone("refused", "not taken;", "sent again".to_owned()),
        (CopyState::Rejected, _) => milestone("refused", "refused", "for good".to_owned()),
        (CopyState::Shed, _) => milestone("refused", "dropped:", "the queue here is full".to_owned()),
        // The live stream was faster than the answer.
        (CopyState::Accepted | CopyState::Duplicate | CopyState::Processed, _) => open("accepted"),
    }
}

fn processed(copy: &EventCopy) -> Milestone {
    match copy.state {
        CopyState::Processed => {
            let number = copy.processed_ms().map(duration).unwrap_or_default();
            Milestone { state: "reached", word: "processed", number }
        }
        CopyState::Accepted | CopyState::Duplicate => {
            Milestone { state: "waiting", word: "not processed yet", number: String::new() }
        }
        _ => open("processed"),
    }
}

fn open(word: &'static str) -> Milestone {
    Milestone { state: "open", word, number: "–".to_owned() }
}

/// The place of the whole event before its copies part: `browser` or `backend`.
pub fn before_parting(row: &EventRow) -> &'static str {
    let left = |copy: &EventCopy| !matches!(copy.state, CopyState::Queued | CopyState::Shed);
    if row.copies.iter().flatten().any(left) { "backend" } else { "browser" }
}

/// Whether a copy of the event is still to be processed.
pub fn is_under_way(row: &EventRow) -> bool {
    row.copies.iter().flatten().any(|copy| copy.state != CopyState::Processed)
}

/// The event and the number of its copies, in words.
pub fn in_words(row: &EventRow) -> String {
    let number = row.number.map(|number| format!(" #{number}")).unwrap_or_default();
    let copies = match row.copies.iter().flatten().count() {
        1 => "1 copy".to_owned(),
        copies => format!("{copies} copies"),
    };
    format!("{}{number}: one event, {copies}.", kind(row.kind))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::api::{Hops, Wait};
    use domain::{Event, Kind, Source, Timestamp};
    use tracker::DeliveryStatus;
    use uuid::Uuid;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn sent() -> EventCopy {
        let mut copy = EventCopy::default();
        copy.delivery(DeliveryStatus::Queued, at(0));
        copy.delivery(DeliveryStatus::Sent, at(15));
        copy
    }

    /// The place, and the words of both milestones.
    fn shown(route: Route, copy: &EventCopy, refusal: Option<u16>) -> (&'static str, [String; 2]) {
        let Passage { place, milestones, .. } = Passage::of(route, Some(copy), refusal);
        (place, milestones.map(|Milestone { word, number, .. }| format!("{word} {number}").trim().to_owned()))
    }

    #[test]
    fn a_copy_stands_where_its_state_says_with_its_own_times() {
        let idle = Passage::of(Route::Kafka, None, None);
        assert_eq!((idle.state, idle.place, idle.milestones[0].state), ("idle", "browser", "open"));
        let mut copy = sent();
        let words = |accepted: &str, processed: &str| [accepted.to_owned(), processed.to_owned()];
        assert_eq!(shown(Route::Kafka, &copy, None), ("leaving", words("sent", "processed –")));

        copy.delivery(DeliveryStatus::Accepted(Wait::default()), at(27));
        assert_eq!(shown(Route::Kafka, &copy, None), ("store", words("accepted 12 ms", "not processed yet")));
        assert_eq!(shown(Route::HttpPush, &copy, None).0, "leaving", "it has no store");
        copy.state = CopyState::Processed;
        copy.hops = Some(Hops { emitted: at(0), received: Some(at(20)), arrived: at(50), processed: at(60) });
        assert_eq!(shown(Route::Kafka, &copy, None), ("consumer", words("accepted 12 ms", "processed 45 ms")));
        copy.answered = None;
        assert_eq!(shown(Route::Kafka, &copy, None).1[0], "accepted –", "the answer is still on its way");
    }

    #[test]
    fn a_refused_copy_is_back_with_the_status() {
        let mut copy = sent();
        copy.delivery(DeliveryStatus::Retry { reason: "the consumer is away".to_owned() }, at(30));
        let (place, [accepted, processed]) = shown(Route::HttpPush, &copy, Some(503));
        assert_eq!((place, accepted.as_str(), processed.as_str()), ("back", "refused, 503; sent again", "processed –"));
        assert_eq!(shown(Route::HttpPush, &copy, None).1[0], "not taken; sent again");
        copy.delivery(DeliveryStatus::Rejected { reason: "too large".to_owned() }, at(40));
        assert_eq!(shown(Route::HttpPush, &copy, Some(503)).1[0], "refused for good");
        copy.state = CopyState::Shed;
        assert_eq!(shown(Route::HttpPush, &copy, None).0, "browser", "it never left");
    }

    #[test]
    fn an_event_leaves_the_browser_with_its_first_copy() {
        let session = Source::Session(domain::SessionId(Uuid::nil()));
        let event = Event { sequence: Some(4), ..Event::new(Uuid::from_u128(1), session, Kind::ButtonClick, at(0)) };
        let mut row = EventRow::of(&Arc::new(event));
        row.copies = [Some(EventCopy::default()), None, Some(EventCopy::default())];
        assert_eq!((before_parting(&row), in_words(&row).as_str()), ("browser", "Click #4: one event, 2 copies."));
        row.copies[2] = Some(sent());
        assert_eq!((before_parting(&row), is_under_way(&row)), ("backend", true));
        row.copies = [None, None, Some(EventCopy { state: CopyState::Processed, ..EventCopy::default() })];
        assert_eq!((is_under_way(&row), in_words(&row).as_str()), (false, "Click #4: one event, 1 copy."));
    }
}
