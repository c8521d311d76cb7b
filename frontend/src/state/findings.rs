//! What the rules found, and what became of the mails about it.

use std::collections::BTreeMap;

use domain::Route;
use domain::mail::{MailState, MailStatus};
use domain::rules::Alert;
use uuid::Uuid;

const LIMIT: usize = 30;

/// The latest findings and mails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    latest: Vec<Finding>,
    mails: BTreeMap<Uuid, MailStatus>,
    /// Grows with each change of a mail, so that the inbox knows when to look.
    pub mail_changes: u64,
}

/// One finding; on all three routes it is found three times, with the same event.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event that completed the pattern.
    pub event: Uuid,
    /// What it is about, as the mail's subject says it.
    pub subject: String,
    /// The alert of each route that found it.
    pub alerts: BTreeMap<Route, Uuid>,
    /// Whether it was found while this page was watching.
    pub fresh: bool,
}

impl Findings {
    /// A rule found something.
    pub fn alert(&mut self, alert: Alert, fresh: bool) {
        if let Some(known) = self.latest.iter_mut().find(|finding| finding.event == alert.event) {
            known.alerts.insert(alert.route, alert.id);
            return;
        }
        let alerts = [(alert.route, alert.id)].into();
        self.latest.insert(0, Finding { event: alert.event, subject: alert.subject, alerts, fresh });
        self.latest.truncate(LIMIT);
    }

    /// A mail changed its state.
    pub fn mail(&mut self, status: MailStatus) {
        self.mail_changes += 1;
        self.mails.insert(status.id, status);
        // UUIDs made from alerts have no order in time; which one goes hardly matters.
        while self.mails.len() > 10 * LIMIT {
            self.mails.pop_first();
        }
    }

    /// The mail of an alert, once the mailer has spoken of it.
    pub fn mail_state(&self, alert: Uuid) -> Option<MailState> {
        self.mails.get(&alert).map(|mail| mail.state)
    }

    /// The newest finding made while this page was watching.
    pub fn newest_fresh(&self) -> Option<&Finding> {
        self.latest.iter().find(|finding| finding.fresh)
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::rules::Activity;

    use super::*;

    #[test]
    fn the_same_finding_on_three_routes_is_one() {
        let activity = Activity { started: Timestamp::default(), ended: Timestamp::default() };
        let alert = |id, route, event| Alert {
            id: Uuid::from_u128(id),
            use_case: "steady-clicks".to_owned(),
            route,
            key: "127.0.0.1".to_owned(),
            event: Uuid::from_u128(event),
            activity,
            detected: Timestamp::default(),
            subject: "Steady clicks from 127.0.0.1".to_owned(),
        };
        let mut findings = Findings::default();
        findings.alert(alert(1, Route::Kafka, 7), false);
        assert_eq!(findings.newest_fresh(), None, "that was before");
        findings.alert(alert(2, Route::Kafka, 8), true);
        findings.alert(alert(3, Route::HttpPush, 8), true);
        let finding = findings.newest_fresh().unwrap();
        assert_eq!(finding.alerts.keys().copied().collect::<Vec<_>>(), [Route::HttpPush, Route::Kafka]);
        assert_eq!(findings.mail_state(finding.alerts[&Route::Kafka]), None);
    }
}
