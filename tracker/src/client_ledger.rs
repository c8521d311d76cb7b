//! The client's side of the ledger: the numbers emitted, accepted, rejected and shed on each route.

use domain::api::{MAX_WAITS, SessionReport, Wait};
use domain::ledger::Report;
use domain::{ByRoute, Intervals, Route, Timestamp};

/// The default minimum time between two reports, in milliseconds.
pub const REPORT_EVERY_MS: i64 = 1000;

/// The reports of a session, and how much of them the consumer has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientLedger {
    routes: ByRoute<Report>,
    /// Since the last report; those of a report that is lost are not sent again.
    waits: ByRoute<Vec<Wait>>,
    /// Counts the changes. It is not kept: an adopted ledger is reported again.
    version: u64,
    reported: u64,
    in_flight: bool,
    not_before: Timestamp,
    /// In milliseconds, if it is not [`REPORT_EVERY_MS`].
    every_ms: Option<i64>,
}

impl ClientLedger {
    /// The ledger of an earlier page, which is reported again.
    pub fn again(routes: ByRoute<Report>) -> Self {
        Self { routes, version: 1, ..Self::default() }
    }

    /// Enters a change in one route's report.
    pub fn enter(&mut self, route: Route, change: impl FnOnce(&mut Report)) {
        change(self.routes.get_or_default(route));
        self.version += 1;
    }

    /// Enters how long an accepted event waited; of many only the latest are kept.
    pub fn waited(&mut self, route: Route, wait: Wait) {
        let waits = self.waits.get_or_default(route);
        if waits.len() == MAX_WAITS {
            waits.remove(0);
        }
        waits.push(wait);
    }

    /// One route's report, if the session used the route.
    pub fn route(&self, route: Route) -> Option<&Report> {
        self.routes.get(route)
    }

    /// The whole report, as it is sent, without waits.
    pub fn report(&self) -> SessionReport {
        SessionReport { routes: self.routes.clone(), waits: ByRoute::new() }
    }

    /// Whether there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Counts the changes.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether the consumer has the latest report.
    pub fn is_reported(&self) -> bool {
        self.reported == self.version
    }

    /// Marks everything as not reported, as an adopted ledger needs.
    pub fn report_again(&mut self) {
        self.version += 1;
    }

    /// Sets the minimum time between two reports in milliseconds; the next one is due now.
    pub fn report_every(&mut self, millis: i64) {
        self.every_ms = Some(millis);
        self.not_before = Timestamp::MIN;
    }

    /// When the next report is due, if one is.
    pub fn due_at(&self) -> Option<Timestamp> {
        (!self.is_reported() && !self.in_flight).then_some(self.not_before)
    }

    /// The report to send now, with its version for [`ClientLedger::report_ended`].
    pub fn due(&mut self, now: Timestamp) -> Option<(u64, SessionReport)> {
        if self.due_at()? > now {
            return None;
        }
        self.in_flight = true;
        self.not_before = now.plus_millis(self.every_ms.unwrap_or(REPORT_EVERY_MS));
        let waits = std::mem::take(&mut self.waits);
        Some((self.version, SessionReport { waits, ..self.report() }))
    }

    /// The report of that version was received, or it failed and is sent again later.
    pub fn report_ended(&mut self, version: u64, received: bool, now: Timestamp) {
        self.in_flight = false;
        match received {
            true => self.reported = self.reported.max(version),
            false => self.not_before = now.plus_millis(3 * REPORT_EVERY_MS),
        }
    }
}

/// A report as JSON. By hand: nothing else that `ese.js` sends needs a writer for all types.
pub fn json(report: &SessionReport) -> String {
    let set = |name: &str, numbers: &Intervals| format!("\"{name}\":\"{numbers}\"");
    let routes = report.routes.iter().map(|(route, report)| {
        let Report { emitted, accepted, rejected, shed } = report;
        let sets = [set("emitted", emitted), set("accepted", accepted), set("rejected", rejected), set("shed", shed)];
        format!("\"{}\":{{{}}}", route.name(), sets.join(","))
    });
    let waits = report.waits.iter().map(|(route, waits)| {
        let wait = |&Wait { queued_us, accepted_us }: &Wait| {
            format!("{{\"queued_us\":{queued_us},\"accepted_us\":{accepted_us}}}")
        };
        format!("\"{}\":[{}]", route.name(), waits.iter().map(wait).collect::<Vec<_>>().join(","))
    });
    let [routes, waits] = [routes.collect::<Vec<_>>(), waits.collect()].map(|parts| parts.join(","));
    format!("{{\"routes\":{{{routes}}},\"waits\":{{{waits}}}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_a_report_is_that_of_the_type() {
        let mut ledger = ClientLedger::default();
        for route in [Route::HttpPoll, Route::Kafka] {
            ledger.enter(route, |report| report.emitted.insert_range(1, 7));
            ledger.enter(route, |report| report.shed.insert_range(5, 6));
            ledger.waited(route, Wait { queued_us: 15_000, accepted_us: 7 });
            ledger.waited(route, Wait { queued_us: 0, accepted_us: 8 });
        }
        let (_, report) = ledger.due(Timestamp::default()).unwrap();
        assert_eq!(serde_json::from_str::<SessionReport>(&json(&report)).unwrap(), report);
        let empty = SessionReport { routes: ByRoute::new(), waits: ByRoute::new() };
        assert_eq!(serde_json::from_str::<SessionReport>(&json(&empty)).unwrap(), empty);
    }

    #[test]
    fn a_report_is_sent_after_a_change_and_at_most_once_a_second() {
        let at = Timestamp::from_millis;
        let mut ledger = ClientLedger::default();
        assert_eq!(ledger.due(at(0)), None, "nothing to report");

        ledger.enter(Route::Kafka, |report| _ = report.emitted.insert(1));
        let (version, report) = ledger.due(at(10)).unwrap();
        assert_eq!(report.routes[Route::Kafka].emitted.to_string(), "1");
        ledger.enter(Route::Kafka, |report| _ = report.accepted.insert(1));
        assert_eq!(ledger.due(at(900)), None, "one at a time");

        ledger.report_ended(version, true, at(900));
        assert_eq!(ledger.due_at(), Some(at(1010)));
        let (version, _) = ledger.due(at(1010)).unwrap();
        ledger.report_ended(version, false, at(1020));
        assert_eq!(ledger.due_at(), Some(at(4020)), "it was not received");
        let (version, _) = ledger.due(at(4020)).unwrap();
        ledger.report_ended(version, true, at(4030));
        assert!(ledger.is_reported() && ledger.due_at().is_none());

        (0..=MAX_WAITS as u64).for_each(|queued_us| ledger.waited(Route::Kafka, Wait { queued_us, accepted_us: 1 }));
        ledger.report_every(7_000);
        ledger.report_again();
        let (version, report) = ledger.due(at(5000)).unwrap();
        assert_eq!((report.waits[Route::Kafka].len(), report.waits[Route::Kafka][0].queued_us), (MAX_WAITS, 1));
        ledger.report_ended(version, true, at(5010));
        ledger.report_again();
        assert_eq!(ledger.due_at(), Some(at(12_000)));
        assert!(ledger.due(at(12_000)).unwrap().1.waits.is_empty(), "each wait is reported once");
    }
}
