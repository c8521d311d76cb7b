//! What the rules found, and what became of the mails about it.

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
    /// Grows with each change of a mail, so that the inbox knows when to look.
    pub mail_changes: u64,
    /// Grows with each alert, so that nobody need compare them.
    pub alert_changes: u64,
}

/// One finding; on all three routes it is found three times, with the same event.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event that completed the pattern.
    pub event: Uuid,
    /// The use case that found it.
    pub use_case: String,
    /// What it is about, as the mail's subject says it.
    pub subject: String,
    /// The alert of each route that found it.
    pub alerts: ByRoute<Alert>,
    /// Whether it is about an event of this browser's, and was found while this page was watching.
    pub fresh: bool,
}

impl Findings {
    /// A rule found something.
    pub fn alert(&mut self, alert: Alert, fresh: bool) {
        self.alert_changes += 1;
        let same = |finding: &&mut Finding| finding.event == alert.event && finding.use_case == alert.use_case;
        if let Some(known) = self.latest.iter_mut().find(same) {
            known.alerts.insert(alert.route, alert);
            return;
        }
        let (event, use_case, subject) = (alert.event, alert.use_case.clone(), alert.subject.clone());
        self.latest.insert(0, Finding { event, use_case, subject, alerts: [(alert.route, alert)].into(), fresh });
        // The visitor's own stay: others may have many more.
        if self.latest.len() > LIMIT {
            let oldest = self.latest.iter().rposition(|finding| !finding.fresh).unwrap_or(LIMIT);
            self.latest.remove(oldest);
        }
    }

    /// A mail changed its state; what was asked for may be older than what came live.
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

    /// What was found in an event on a route.
    pub fn alerts_in(&self, event: Uuid, route: Route) -> impl Iterator<Item = &Alert> {
        let about = self.latest.iter().filter(move |finding| finding.event == event);
        about.filter_map(move |finding| finding.alerts.get(route))
    }

    /// The mail of an alert, once the mailer has spoken of it.
    pub fn mail_state(&self, alert: Uuid) -> Option<MailState> {
        self.mails.get(&alert).map(|mail| mail.state)
    }

    /// Nobody wants to see any more what was found so far.
    pub fn dismiss(&mut self) {
        self.latest.iter_mut().for_each(|finding| finding.fresh = false);
    }

    /// The newest finding about the visitor's own events, made while this page was watching.
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
        assert_eq!(findings.newest_fresh().map(|own| own.event.as_u128()), Some(8), "others' do not drive it out");
        findings.dismiss();
        assert_eq!(findings.newest_fresh(), None);
    }

    #[test]
    fn old_news_of_a_mail_change_nothing_and_the_oldest_goes_first() {
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
