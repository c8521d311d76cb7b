//! The client's side of the books: per route the numbers emitted, accepted, rejected and shed.

use domain::Timestamp;
use domain::api::SessionReport;
use domain::ledger::Report;
use domain::{ByRoute, Route};
use serde::{Deserialize, Serialize};

/// How long after one report the next one may go unless told otherwise, in milliseconds.
pub const REPORT_EVERY_MS: i64 = 1000;

/// What a session says of itself, and how much of it the consumer has heard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientLedger {
    routes: ByRoute<Report>,
    /// Counts the changes; not kept, since whoever takes the books over reports them anew.
    #[serde(skip)]
    version: u64,
    #[serde(skip)]
    heard: u64,
    #[serde(skip)]
    in_flight: bool,
    #[serde(skip)]
    not_before: Timestamp,
    /// In milliseconds, if it is not [`REPORT_EVERY_MS`].
    #[serde(skip)]
    every_ms: Option<i64>,
}

impl ClientLedger {
    /// Enters a change in one route's report.
    pub fn enter(&mut self, route: Route, change: impl FnOnce(&mut Report)) {
        change(self.routes.get_or_default(route));
        self.version += 1;
    }

    /// One route's report, if anything was meant for it.
    pub fn route(&self, route: Route) -> Option<&Report> {
        self.routes.get(route)
    }

    /// Everything, as it goes over the wire.
    pub fn report(&self) -> SessionReport {
        SessionReport { routes: self.routes.clone() }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Whether the consumer has heard everything.
    pub fn is_heard(&self) -> bool {
        self.heard == self.version
    }

    /// Makes them be told again, as whoever takes them over must.
    pub fn reopen(&mut self) {
        self.version += 1;
    }

    /// From now on reports go so many milliseconds after each other at the least, and the next one without waiting.
    pub fn report_every(&mut self, millis: i64) {
        self.every_ms = Some(millis);
        self.not_before = Timestamp::MIN;
    }

    /// When the next report is due, if one is.
    pub fn due_at(&self) -> Option<Timestamp> {
        (!self.is_heard() && !self.in_flight).then_some(self.not_before)
    }

    /// The report to send now, with its version for [`ClientLedger::told`].
    pub fn due(&mut self, now: Timestamp) -> Option<(u64, SessionReport)> {
        if self.due_at()? > now {
            return None;
        }
        self.in_flight = true;
        self.not_before = now.plus_millis(self.every_ms.unwrap_or(REPORT_EVERY_MS));
        Some((self.version, self.report()))
    }

    /// The report of that version was heard, or it was not and goes again after a while.
    pub fn told(&mut self, version: u64, heard: bool, now: Timestamp) {
        self.in_flight = false;
        match heard {
            true => self.heard = self.heard.max(version),
            false => self.not_before = now.plus_millis(3 * REPORT_EVERY_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_when_something_changed_and_at_most_once_a_second() {
        let at = Timestamp::from_millis;
        let mut books = ClientLedger::default();
        assert_eq!(books.due(at(0)), None, "nothing to say");

        books.enter(Route::Kafka, |report| _ = report.emitted.insert(1));
        let (version, report) = books.due(at(10)).unwrap();
        assert_eq!(report.routes[Route::Kafka].emitted.to_string(), "1");
        books.enter(Route::Kafka, |report| _ = report.accepted.insert(1));
        assert_eq!(books.due(at(900)), None, "one at a time");

        books.told(version, true, at(900));
        assert_eq!(books.due_at(), Some(at(1010)));
        let (version, _) = books.due(at(1010)).unwrap();
        books.told(version, false, at(1020));
        assert_eq!(books.due_at(), Some(at(4020)), "it was not heard");
        let (version, _) = books.due(at(4020)).unwrap();
        books.told(version, true, at(4030));
        assert!(books.is_heard() && books.due_at().is_none());

        books.report_every(7_000);
        books.reopen();
        let (version, _) = books.due(at(5000)).unwrap();
        books.told(version, true, at(5010));
        books.reopen();
        assert_eq!(books.due_at(), Some(at(12_000)));
    }
}
