//! The findings of the rules, and the state of their mails.

use std::collections::BTreeMap;

use domain::mail::{MailState, MailStatus};
use domain::rules::Alert;
use domain::{ByRoute, Route};
use uuid::Uuid;

const LIMIT: usize = 30;
const MAILS: usize = 300;

/// The latest findings and mails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    latest: Vec<Finding>,
    mails: BTreeMap<Uuid, MailStatus>,
    /// Counts the changes of mails, so that the inbox reloads.
    pub mail_changes: u64,
    /// Counts the alerts, so that they need not be compared.
    pub alert_changes: u64,
}

/// One finding, with the alerts of all routes that share its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event that completed the pattern.
    pub event: Uuid,
    /// The use case that found it.
    pub use_case: String,
    /// The mail's subject.
    pub subject: String,
    /// The alert of each route that found it.
    pub alerts: ByRoute<Alert>,
    /// Whether it is about an event of this browser and arrived over the live stream.
    pub fresh: bool,
}

impl Findings {
    /// Adds an alert.
    pub fn alert(&mut self, alert: Alert, fresh: bool) {
        self.alert_changes += 1;
        let same = |finding: &&mut Finding| finding.event == alert.event && finding.use_case == alert.use_case;
        if let Some(known) = self.latest.iter_mut().find(same) {
            known.alerts.insert(alert.route, alert);
            return;
        }
        let (event, use_case, subject) = (alert.event, alert.use_case.clone(), alert.subject.clone());
        self.latest.insert(0, Finding { event, use_case, subject, alerts: [(alert.route, alert)].into(), fresh });
        // Findings about own events stay: others may have many more.
        if self.latest.len() > LIMIT {
            let oldest = self.latest.iter().rposition(|finding| !finding.fresh).unwrap_or(LIMIT);
            self.latest.remove(oldest);
        }
    }

    /// Applies the status of a mail, unless it is older than the known one.
    pub fn mail(&mut self, status: MailStatus) {
        if self.mails.get(&status.id).is_some_and(|known| known.changed_at >= status.changed_at) {
            return;
        }
        self.mail_changes += 1;
        self.mails.insert(status.id, status);
        while self.mails.len() > MAILS
            && let Some((&oldest, _)) = self.mails.iter().min_by_key(|(_, mail)| mail.changed_at)
        {
            self.mails.remove(&oldest);
        }
    }

    /// The alerts of a use case, newest finding first.
    pub fn alerts_of(&self, use_case: &str) -> impl Iterator<Item = &Alert> {
        self.latest
            .iter()
            .filter(move |finding| finding.use_case == use_case)
            .flat_map(|finding| finding.alerts.values())
    }

    /// The alerts about an event on a route.
    pub fn alerts_in(&self, event: Uuid, route: Route) -> impl Iterator<Item = &Alert> {
        let about = self.latest.iter().filter(move |finding| finding.event == event);
        about.filter_map(move |finding| finding.alerts.get(route))
    }

    /// The mail of an alert, once its state is known.
    pub fn mail_state(&self, alert: Uuid) -> Option<MailState> {
        self.mails.get(&alert).map(|mail| mail.state)
    }

    /// Dismisses all findings so far.
    pub fn dismiss(&mut self) {
        self.latest.iter_mut().for_each(|finding| finding.fresh = false);
    }

    /// The newest fresh finding.
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
        assert_eq!(finding.alerts.keys().collect::<Vec<_>>(), [Route::HttpPush, Route::Kafka]);
        assert_eq!(findings.mail_state(finding.alerts[Route::Kafka].id), None);
        assert_eq!(findings.alerts_of("steady-clicks").count(), 3);
        assert_eq!(findings.alerts_in(Uuid::from_u128(8), Route::Kafka).count(), 1);

        // The same event may complete patterns of two use cases.
        let other = Alert { use_case: "stuck-orders".to_owned(), ..alert(4, Route::Kafka, 8) };
        findings.alert(other, true);
        assert_eq!(findings.alerts_in(Uuid::from_u128(8), Route::Kafka).count(), 2);
        assert_eq!((findings.alerts_of("stuck-orders").count(), findings.alert_changes), (1, 4));

        (100..100 + 2 * LIMIT as u128).for_each(|other| findings.alert(alert(other, Route::Kafka, other), false));
        assert_eq!(findings.latest.len(), LIMIT);
        assert_eq!(findings.newest_fresh().map(|own| own.event.as_u128()), Some(8), "others do not displace it");
        findings.dismiss();
        assert_eq!(findings.newest_fresh(), None);
    }

    #[test]
    fn an_older_status_changes_nothing_and_the_oldest_mail_is_dropped_first() {
        let mail = |id, millis, state| MailStatus {
            id: Uuid::from_u128(id),
            to: String::new(),
            subject: String::new(),
            state,
            attempts: 1,
            interrupted: 0,
            error: None,
            changed_at: Timestamp::from_millis(millis),
        };
        let mut findings = Findings::default();
        findings.mail(mail(1, 5, MailState::Sent));
        findings.mail(mail(1, 4, MailState::Queued));
        assert_eq!((findings.mail_state(Uuid::from_u128(1)), findings.mail_changes), (Some(MailState::Sent), 1));
        (2..=301).for_each(|id| findings.mail(mail(id, 1000 - id as i64, MailState::Queued)));
        assert_eq!((findings.mails.len(), findings.mail_state(Uuid::from_u128(1))), (MAILS, None));
    }
}
