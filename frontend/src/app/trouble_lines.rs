//! The lines of trouble: each with its effect and the next step, as sentences.

use domain::{Route, Timestamp};
use tracker::Trouble;

use crate::format::{age, capital, events};
use crate::state::page_state::State;
use crate::state::part_health::plain;

/// One line of trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TroubleLine {
    /// How bad it is.
    pub severity: Severity,
    /// The part that it is about; empty for none.
    pub part: String,
    /// The routes it concerns; none if it concerns the page as a whole.
    pub routes: Vec<Route>,
    /// The trouble.
    pub headline: String,
    /// Its effect; it may change with each event.
    pub detail: String,
    /// When the next try is due, if one is planned.
    pub again_at: Option<Timestamp>,
}

impl TroubleLine {
    const fn new(severity: Severity, headline: String, detail: String) -> Self {
        Self { severity, part: String::new(), routes: Vec::new(), headline, detail, again_at: None }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something waits; nothing is lost.
    Waiting,
    /// Something is down.
    Down,
}

impl State {
    /// All lines of trouble now.
    pub fn trouble_lines(&self, now: Timestamp) -> Vec<TroubleLine> {
        let mut lines = Vec::new();
        let old = self.feed.age_if_old(now);
        // A consumer that is down explains the silence: one line for both.
        let explained = self.asked_parts.iter().any(|part| part.name == "consumer" && !part.up);
        if let Some(seconds) = old.filter(|_| !explained) {
            let headline = "The live stream is interrupted.".to_owned();
            lines.push(TroubleLine::new(Severity::Down, headline, format!("What you see is {} old.", age(seconds))));
        }
        self.sending_lines(&mut lines);
        let parts = if self.asked_parts.is_empty() { &self.topology.parts } else { &self.asked_parts };
        for part in parts.iter().filter(|part| !part.up) {
            let why = part.trouble.as_deref().map(|why| format!(" ({})", plain(why))).unwrap_or_default();
            let age = old
                .filter(|_| part.name == "consumer")
                .map(|seconds| format!("What you see is {} old. ", age(seconds)));
            let detail = age.unwrap_or_default() + meaning(&part.name);
            let line = TroubleLine::new(Severity::Down, format!("{} is down{why}.", title(&part.name)), detail);
            lines.push(TroubleLine { part: part.name.clone(), ..line });
        }
        if let Some(why) = &self.sending.unsaved {
            let headline = "What waits here would be lost with this tab.".to_owned();
            let detail = format!("{}.", capital(why));
            lines.push(TroubleLine::new(Severity::Waiting, headline, detail));
        }
        lines
    }

    /// One line for all routes with the same trouble.
    fn sending_lines(&self, lines: &mut Vec<TroubleLine>) {
        let mut groups: Vec<(&Trouble, Vec<Route>)> = Vec::new();
        for route in Route::ALL {
            let Some(trouble) = &self.sending.route(route).trouble else { continue };
            let same =
                |(other, _): &&mut (&Trouble, _)| other.reason == trouble.reason && other.status == trouble.status;
            match groups.iter_mut().find(same) {
                Some((_, routes)) => routes.push(route),
                None => groups.push((trouble, vec![route])),
            }
        }
        for (trouble, routes) in groups {
            let waiting = routes.iter().map(|&route| self.sending.route(route).waiting).max().unwrap_or(0) as u64;
            let answer = match trouble.status {
                Some(status) => format!("The answer is {status}: {}", trouble.reason),
                None => capital(&trouble.reason),
            };
            let (verb, again) = if waiting == 1 { ("waits", "is") } else { ("wait", "are") };
            let headline = format!("{}.", answer.trim_end_matches('.'));
            let detail = format!("Your {} {verb} in this browser and {again} sent again.", events(waiting));
            let line = TroubleLine::new(Severity::Waiting, headline, detail);
            lines.push(TroubleLine { routes, again_at: Some(trouble.again_at), ..line });
        }
    }
}

/// The part as the subject of a sentence.
fn title(part: &str) -> String {
    if part == "postgres" { "PostgreSQL".to_owned() } else { format!("The {part}") }
}

fn meaning(part: &str) -> &'static str {
    match part {
        "postgres" => "What needs it is refused and waits in browsers, or waits on its route until it is back.",
        "backend" => "Nothing can be sent; events wait in this browser.",
        "broker" => "The route kafka takes nothing until it is back; the others go on.",
        "consumer" => "http-push is refused and waits in browsers; http-poll and kafka are processed once it is back.",
        "mailer" => "Alerts are kept and mailed once it is back.",
        _ => "What needs it waits until it is back.",
    }
}

#[cfg(test)]
mod tests {
    use domain::api::Part;
    use tracker::Status;

    use super::*;
    use crate::state::live_feed::{Feed, FeedChange};
    use crate::state::page_state::Input;

    fn trouble(status: Option<u16>, reason: &str) -> Option<Trouble> {
        let now = Timestamp::default();
        Some(Trouble { status, reason: reason.to_owned(), since: now, again_at: now.plus_millis(4000) })
    }

    #[test]
    fn routes_with_the_same_trouble_share_a_line() {
        let mut state = State::default();
        assert_eq!(state.trouble_lines(Timestamp::default()), []);

        let mut status = Status::default();
        status.routes[0].trouble = trouble(Some(503), "the consumer is down");
        status.routes[0].waiting = 3;
        state.apply(Input::Tracker(Vec::new(), Box::new(status.clone())), Timestamp::default());
        let lines = state.trouble_lines(Timestamp::default());
        assert_eq!(lines[0].routes, [Route::HttpPush]);
        assert_eq!(lines[0].headline, "The answer is 503: the consumer is down.");
        assert_eq!(lines[0].detail, "Your 3 events wait in this browser and are sent again.");

        for route in &mut status.routes {
            route.trouble = trouble(None, "the server cannot be reached.");
            route.waiting = 1;
        }
        state.sending = status;
        let lines = state.trouble_lines(Timestamp::default());
        assert_eq!((lines.len(), lines[0].routes.len()), (1, 3));
        assert_eq!(lines[0].headline, "The server cannot be reached.");
        assert_eq!(lines[0].detail, "Your 1 event waits in this browser and is sent again.");
    }

    #[test]
    fn a_line_gives_the_age_and_the_part_that_is_down() {
        let mut state = State::default();
        state.feed.received(Timestamp::default());
        state.feed.change(FeedChange::Broken, Timestamp::default());
        let mailer = Part { name: "mailer".to_owned(), up: false, trouble: Some("connection refused".to_owned()) };
        state.topology.parts = vec![mailer];
        let lines = state.trouble_lines(Timestamp::from_millis(12_000));
        assert_eq!((lines[0].part.as_str(), lines[1].part.as_str()), ("", "mailer"));
        assert_eq!(lines[0].headline, "The live stream is interrupted.");
        assert_eq!(lines[0].detail, "What you see is 12 s old.");
        assert_eq!(lines[1].headline, "The mailer is down (connection refused).");
        assert_eq!(lines[1].detail, "Alerts are kept and mailed once it is back.");
        assert_ne!(state.feed, Feed::default());

        let why = Some("Connection refused".to_owned());
        state.topology.parts = vec![Part { name: "postgres".to_owned(), up: false, trouble: why }];
        let lines = state.trouble_lines(Timestamp::from_millis(12_000));
        assert_eq!(lines[1].headline, "PostgreSQL is down (Connection refused).");

        let why = Some("killed by signal: 9 (SIGKILL)".to_owned());
        let killed = Part { name: "consumer".to_owned(), up: false, trouble: why };
        state.apply(Input::Parts(vec![killed]), Timestamp::from_millis(12_000));
        let lines = state.trouble_lines(Timestamp::from_millis(12_000));
        assert_eq!((lines.len(), lines[0].headline.as_str()), (1, "The consumer is down (killed)."));
        assert!(lines[0].detail.starts_with("What you see is 12 s old. http-push is refused"));
    }
}
