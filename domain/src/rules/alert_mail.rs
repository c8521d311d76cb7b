//! The mail of an alert: the text of its use case, then the period and the route.

use uuid::Uuid;

use super::use_case::{Activity, Alert, Finding};
use crate::mail_request::MailRequest;
use crate::{Route, Timestamp};

/// The names of the last lines of an alert's mail.
const FIRST: &str = "First event:";
const LAST: &str = "Last event:";
const EXPECTED: &str = "Expected by:";
const SEEN: &str = "Seen on route:";

/// The alert and the mail for a finding on `route`.
pub fn alert(
    use_case: &str,
    finding: Finding,
    route: Route,
    now: Timestamp,
    from: &str,
    to: &str,
) -> (Alert, MailRequest) {
    let Finding { activity, due, cause, subject, content } = finding;
    let id = Uuid::new_v5(&cause.id, format!("{use_case}/{route}{}", cause.source).as_bytes());
    // No event ends the period of a missing one.
    let end = if due.is_some() { EXPECTED } else { LAST };
    let content = format!("{content}\n\n{FIRST} {}\n{end} {}\n{SEEN} {route}\n", activity.started, activity.ended);
    let mail = MailRequest {
        id,
        from: from.to_owned(),
        to: to.to_owned(),
        subject: subject.clone(),
        content,
        traceparent: cause.traceparent,
    };
    let use_case = use_case.to_owned();
    let alert = Alert { id, use_case, route, key: cause.ip, event: cause.id, activity, due, detected: now, subject };
    (alert, mail)
}

/// The period and the route that the last lines of an alert's mail name; none in another text.
pub fn period_and_route(text: &str) -> Option<(Activity, Route)> {
    let mut lines = text.trim_end().lines().rev();
    let mut value = |names: &[&str]| {
        let line = lines.next()?;
        names.iter().find_map(|name| line.strip_prefix(*name)).map(str::trim)
    };
    let route = value(&[SEEN])?.parse().ok()?;
    let ended = value(&[LAST, EXPECTED])?.parse().ok()?;
    let started = value(&[FIRST])?.parse().ok()?;
    Some((Activity { started, ended }, route))
}

#[cfg(test)]
mod tests {
    use super::super::use_case::Cause;
    use super::*;
    use crate::Source;

    #[test]
    fn a_mail_names_its_period_and_route() {
        let at = Timestamp::from_micros;
        let cause = Cause {
            id: Uuid::from_u128(1),
            source: Source::Elsewhere("/test".to_owned()),
            ip: "127.0.0.1".to_owned(),
            traceparent: None,
        };
        let activity = Activity { started: at(1_000_001), ended: at(2_500_000) };
        let content = "A name\nSeen on route: kafka".to_owned();
        let finding = Finding { activity, due: None, cause, subject: "Order A-1 is stuck".to_owned(), content };
        let missing = Finding { due: Some(at(2_575_000)), ..finding.clone() };
        let found = |finding| super::alert("stuck-orders", finding, Route::HttpPoll, at(2_600_000), "a@ese", "b@ese");
        let (alert, mail) = found(finding);
        assert!(mail.content.contains("\nLast event: 1970-01-01T00:00:02.5Z\n"), "{}", mail.content);
        assert_eq!(period_and_route(&mail.content), Some((activity, Route::HttpPoll)));
        let (_, mail_about_missing) = found(missing);
        assert!(mail_about_missing.content.contains("\nExpected by: "), "no event ends the period");
        assert_eq!(period_and_route(&mail_about_missing.content), Some((activity, Route::HttpPoll)));
        assert_eq!(
            period_and_route(mail.content.trim_end()),
            Some((activity, Route::HttpPoll)),
            "as an inbox shows it"
        );
        assert_eq!(period_and_route("Seen on route: kafka"), None);
        let other = mail.content.replace("First event:", "From:");
        assert_eq!(period_and_route(&other), None, "a mail with other words has no known period");

        assert_eq!(alert.late_ms(), 100.0, "from the end of the period");
        assert_eq!(Alert { due: Some(at(2_575_000)), ..alert }.late_ms(), 25.0, "from the end of the demanded wait");
    }
}
