//! The progress of one event and of its copies, as the picture shows it: places, milestones and words. Pure.

use domain::Route;
use tracker::Trouble;

use crate::format::{duration, type_name};
use crate::state::event_row::{CopyState, EventCopy, EventRow};

/// The milestones of a copy: the backend’s answer to the sender, and the entry into the ledger.
pub const MILESTONES: [&str; 2] = ["answer", "processed"];

/// One milestone of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// `reached`, `waiting`, `refused` or `open`, as in `data-state`.
    pub state: &'static str,
    /// A word or two.
    pub word: &'static str,
    /// The time that it took, or the reason why it waits.
    pub number: String,
}

/// The progress of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyProgress {
    /// The state of the copy, or `idle` if there is none.
    pub state: &'static str,
    /// The place on the lane: `browser`, `leaving`, `back`, `store` or `consumer`.
    pub place: &'static str,
    /// The states of [`MILESTONES`].
    pub milestones: [Milestone; 2],
}

impl CopyProgress {
    /// The progress of a copy; `trouble` is that of the route's sender.
    pub fn of(route: Route, copy: Option<&EventCopy>, trouble: Option<&Trouble>) -> Self {
        match copy {
            None => Self { state: "idle", place: "browser", milestones: MILESTONES.map(open) },
            Some(copy) => Self {
                state: copy.state.name(),
                place: place(route, copy.state, trouble.is_some()),
                milestones: [answer(route, copy, trouble), processed(copy)],
            },
        }
    }
}

const fn place(route: Route, state: CopyState, is_held_up: bool) -> &'static str {
    match (state, route) {
        // An earlier copy was refused: this one is sent with it.
        (CopyState::Queued, _) if is_held_up => "back",
        (CopyState::Queued | CopyState::Shed, _) => "browser",
        (CopyState::Retry | CopyState::Rejected, _) => "back",
        // http-push has no store: the copy is at the consumer once the live stream shows it there.
        (CopyState::Sent, _) | (CopyState::Accepted | CopyState::Duplicate, Route::HttpPush) => "leaving",
        (CopyState::Accepted | CopyState::Duplicate, _) => "store",
        (CopyState::Processed, _) => "consumer",
    }
}

fn answer(route: Route, copy: &EventCopy, trouble: Option<&Trouble>) -> Milestone {
    let milestone = |state, word, number: String| Milestone { state, word, number };
    if copy.answered.is_some() {
        // On http-push it comes last: back from the consumer.
        let word = if route == Route::HttpPush { "answer back after" } else { "answer after" };
        return milestone("reached", word, copy.accepted_ms().map(duration).unwrap_or_default());
    }
    match (copy.state, trouble.and_then(|trouble| trouble.status)) {
        (CopyState::Queued, Some(status)) => milestone("refused", "held up,", format!("{status}; sent later")),
        (CopyState::Queued, None) if trouble.is_some() => milestone("refused", "held up;", "sent later".to_owned()),
        (CopyState::Queued, None) => milestone("waiting", "queued", String::new()),
        (CopyState::Sent, _) => milestone("waiting", "sent", String::new()),
        (CopyState::Retry, Some(status)) => milestone("refused", "refused,", format!("{status}; sent again")),
        (CopyState::Retry, None) => milestone("refused", "not taken;", "sent again".to_owned()),
        (CopyState::Rejected, _) => milestone("refused", "refused", "for good".to_owned()),
        (CopyState::Shed, _) => milestone("refused", "dropped:", "the queue here is full".to_owned()),
        // The live stream was faster than the answer.
        (CopyState::Accepted | CopyState::Duplicate | CopyState::Processed, _) => open("answer"),
    }
}

fn processed(copy: &EventCopy) -> Milestone {
    match copy.state {
        CopyState::Processed => {
            let number = copy.processed_ms().map_or_else(|| "(no time)".to_owned(), duration);
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

/// Whether a copy of the event is still on its way: not processed, not refused for good, and not dropped.
pub fn is_under_way(row: &EventRow) -> bool {
    let is_over = |state| matches!(state, CopyState::Processed | CopyState::Rejected | CopyState::Shed);
    row.copies.iter().flatten().any(|copy| !is_over(copy.state))
}

/// The event and the number of its copies, in words.
pub fn in_words(row: &EventRow) -> String {
    let number = row.number.map(|number| format!(" #{number}")).unwrap_or_default();
    let copies = match row.copies.iter().flatten().count() {
        1 => "1 copy".to_owned(),
        copies => format!("{copies} copies"),
    };
    format!("{}{number}: one event, {copies}.", type_name(&row.kind))
}

#[cfg(test)]
mod tests;
