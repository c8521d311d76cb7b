//! The findings of the rules, and the state of their mails.

use domain::mail_request::{MailState, MailStatus};
use domain::rules::Alert;
use domain::{ByRoute, Route, Timestamp};
use uuid::Uuid;

use crate::sorted::SortedMap;

const LIMIT: usize = 30;
/// More mails than any page shows.
const MAILS: usize = 1000;
/// The most mails whose states are requested at once.
const REQUESTED: usize = 100;

/// The latest findings and mails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    latest: Vec<Finding>,
    mails: SortedMap<Uuid, MailStatus>,
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
    /// Whether it is about an event of this browser, and is not dismissed.
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

    /// Applies the status of a mail, unless the mail was known to be as far.
    pub fn mail(&mut self, status: MailStatus) {
        if self.mails.get(&status.id).is_some_and(|known| progress(known) >= progress(&status)) {
            return;
        }
        self.mail_changes += 1;
        self.mails.insert(status.id, status);
        while self.mails.entries().len() > MAILS
            && let Some(&(oldest, _)) = self.mails.entries().iter().min_by_key(|(_, mail)| mail.changed_at)
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

    /// The alert with this id, if it is among the latest.
    pub fn alert_with(&self, id: Uuid) -> Option<&Alert> {
        self.latest.iter().flat_map(|finding| finding.alerts.values()).find(|alert| alert.id == id)
    }

    /// The mail of an alert, once its state is known.
    pub fn mail_state(&self, alert: Uuid) -> Option<MailState> {
        self.mails.get(&alert).map(|mail| mail.state)
    }

    /// Why the mail of an alert is not sent, in words; empty if nothing is wrong.
    pub fn mail_trouble(&self, alert: Uuid) -> String {
        self.mails.get(&alert).map(mail_trouble).unwrap_or_default()
    }

    /// The alerts whose mails are not known to be sent or given up, those without any known state first; a bounded number.
    pub fn open_mails(&self, alerts: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
        let open = alerts.filter(|&alert| matches!(self.mail_state(alert), None | Some(MailState::Queued)));
        let (mut open, queued): (Vec<Uuid>, Vec<Uuid>) = open.partition(|&alert| self.mail_state(alert).is_none());
        open.extend(queued);
        open.truncate(REQUESTED);
        open
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

/// Grows as a mail goes on, even if the mailer's clock is set back.
fn progress(mail: &MailStatus) -> (bool, u32, Timestamp) {
    (mail.state != MailState::Queued, mail.attempts, mail.changed_at)
}

/// Why a mail is not sent, in words; empty if nothing is wrong.
pub fn mail_trouble(mail: &MailStatus) -> String {
    let error = mail.error.as_deref().unwrap_or_default();
    let tries = if mail.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", mail.attempts) };
    match mail.state {
        MailState::Failed => format!("Given up after {tries}: {error}"),
        MailState::Queued if !error.is_empty() => format!("Not sent after {tries}; the mailer tries again: {error}"),
        MailState::Queued | MailState::Sent => String::new(),
    }
}

#[cfg(test)]
mod tests {
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
            due: None,
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
        assert_eq!(findings.alert_with(Uuid::from_u128(3)).map(|alert| alert.route), Some(Route::HttpPush));
        assert_eq!(findings.alert_with(Uuid::from_u128(9)), None);

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

    fn mail(id: u128, millis: i64, state: MailState) -> MailStatus {
        MailStatus {
            id: Uuid::from_u128(id),
            to: String::new(),
            subject: String::new(),
            state,
            attempts: 1,
            interrupted: 0,
            error: None,
            changed_at: Timestamp::from_millis(millis),
        }
    }

    #[test]
    fn an_older_status_changes_nothing_and_the_oldest_mail_is_dropped_first() {
        let mut findings = Findings::default();
        findings.mail(mail(1, 5, MailState::Sent));
        findings.mail(mail(1, 4, MailState::Queued));
        assert_eq!((findings.mail_state(Uuid::from_u128(1)), findings.mail_changes), (Some(MailState::Sent), 1));
        (2..=1 + MAILS as u128).for_each(|id| findings.mail(mail(id, 10_000 - id as i64, MailState::Queued)));
        assert_eq!((findings.mails.entries().len(), findings.mail_state(Uuid::from_u128(1))), (MAILS, None));
    }

    #[test]
    fn a_mail_goes_on_although_the_clock_is_set_back() {
        let mut findings = Findings::default();
        findings.mail(mail(1, 9, MailState::Queued));
        findings.mail(mail(1, 5, MailState::Sent));
        findings.mail(mail(1, 99, MailState::Queued));
        assert_eq!(findings.mail_state(Uuid::from_u128(1)), Some(MailState::Sent));
    }

    #[test]
    fn mails_are_requested_until_their_end_is_known() {
        let mut findings = Findings::default();
        findings.mail(mail(1, 1, MailState::Queued));
        findings.mail(mail(2, 1, MailState::Sent));
        findings.mail(mail(3, 1, MailState::Failed));
        let open = |most: u128| findings.open_mails((1..=most).map(Uuid::from_u128));
        assert_eq!(open(5), [4, 5, 1].map(Uuid::from_u128), "first those of which nothing is known");
        assert_eq!(open(1000).len(), REQUESTED);
    }

    #[test]
    fn the_trouble_of_a_mail_has_its_reason() {
        let with = |state, attempts, error: Option<&str>| {
            mail_trouble(&MailStatus { attempts, error: error.map(str::to_owned), ..mail(1, 1, state) })
        };
        assert_eq!(with(MailState::Queued, 0, None), "");
        assert_eq!(with(MailState::Sent, 2, None), "");
        let again = "Not sent after 2 tries; the mailer tries again: SMTP: later";
        assert_eq!(with(MailState::Queued, 2, Some("SMTP: later")), again);
        assert_eq!(with(MailState::Failed, 1, Some("SMTP: no")), "Given up after 1 try: SMTP: no");
    }
}
