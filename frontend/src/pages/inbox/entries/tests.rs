//! Mails are grouped by finding, and keep their order.

use domain::rules::Alert;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// A mail that came at this second, with a text.
fn came(number: u128, second: i64, text: &str) -> InboxMail {
    InboxMail {
        id: id(1000 + number),
        from: "ese@example.com".to_owned(),
        to: "operator@example.com".to_owned(),
        subject: "Steady clicks".to_owned(),
        message_id: format!("{}@example.com", id(number)),
        received_at: at(second),
        text: text.to_owned(),
    }
}

/// The text about the finding of a period that began at this second.
fn text(began: i64, route: Route) -> String {
    format!("Three.\n\nFirst event: {}\nLast event: {}\nSeen on route: {route}", at(began), at(began + 1))
}

fn waits(number: u128, second: i64, state: MailState) -> MailStatus {
    MailStatus {
        id: Uuid::from_u128(number),
        to: "operator@example.com".to_owned(),
        subject: "Steady clicks".to_owned(),
        state,
        attempts: 1,
        interrupted: 0,
        error: None,
        changed_at: at(second),
    }
}

/// Findings with one alert: its mail has this number.
fn found(number: u128, began: i64, route: Route) -> Findings {
    let mut findings = Findings::default();
    let alert = Alert {
        id: Uuid::from_u128(number),
        use_case: "steady-clicks".to_owned(),
        route,
        key: "127.0.0.1".to_owned(),
        event: Uuid::from_u128(9),
        activity: Activity { started: at(began), ended: at(began + 1) },
        due: None,
        detected: at(began + 1),
        subject: "Steady clicks".to_owned(),
    };
    findings.alert(alert, false);
    findings
}

fn routes(entry: &Entry) -> Vec<(Option<Route>, i64)> {
    entry.mails.iter().map(|mail| (mail.route, mail.at.millis() / 1000)).collect()
}

fn after_first(entry: &Entry) -> Vec<Option<f64>> {
    entry.mails.iter().map(|mail| entry.after_first_ms(mail)).collect()
}

#[test]
fn the_mails_of_a_finding_are_one_entry_and_the_newest_finding_is_first() {
    let mut inbox = vec![
        // Late, and in the entry of its finding.
        came(6, 60, &text(10, Route::Kafka)),
        came(5, 32, &text(30, Route::HttpPoll)),
        came(4, 31, &text(30, Route::HttpPush)),
        came(3, 20, "Hello"),
        came(2, 13, &text(10, Route::HttpPush)),
        came(1, 12, &text(10, Route::HttpPoll)),
    ];
    let entries = group(inbox.clone(), Vec::new(), &Findings::default());
    let of = |place: usize| routes(&entries[place]);
    assert_eq!(entries.len(), 3);
    assert_eq!(of(0), [(Some(Route::HttpPush), 31), (Some(Route::HttpPoll), 32)]);
    assert_eq!(of(1), [(None, 20)], "a mail without a finding stands alone");
    assert_eq!(of(2), [(Some(Route::HttpPush), 13), (Some(Route::HttpPoll), 12), (Some(Route::Kafka), 60)]);
    assert_eq!((entries[2].began(), entries[2].gist(), entries[1].gist()), (at(12), "Three.", "Hello"));
    let after = |place: usize| after_first(&entries[place]);
    assert_eq!((after(1), after(2)), (vec![Some(0.0)], vec![Some(1000.0), Some(0.0), Some(48_000.0)]));

    inbox.remove(0);
    let before = group(inbox, Vec::new(), &Findings::default());
    assert_eq!(before.iter().map(|entry| entry.id).collect::<Vec<_>>(), [0, 1, 2].map(|place| entries[place].id));
}

#[test]
fn findings_with_other_periods_or_subjects_are_apart_and_a_doubled_mail_is_seen() {
    let other = InboxMail { subject: "Steady clicks from elsewhere".to_owned(), ..came(3, 3, &text(0, Route::Kafka)) };
    let inbox = vec![
        other,
        came(2, 2, &text(1, Route::Kafka)),
        came(1, 1, &text(0, Route::Kafka)),
        came(1, 1, &text(0, Route::Kafka)),
    ];
    let entries = group(inbox, Vec::new(), &Findings::default());
    assert_eq!(entries.iter().map(|entry| entry.mails.len()).collect::<Vec<_>>(), [1, 1, 2]);
    // The words of an earlier version.
    let old = text(0, Route::Kafka).replace("First event:", "From:").replace("Last event:", "To:  ");
    let alone =
        group(vec![came(3, 3, &old), came(2, 2, "Hello"), came(1, 1, "Hello")], Vec::new(), &Findings::default());
    assert_eq!(alone.len(), 3);
    assert_ne!(alone[1].id, alone[2].id);
}

#[test]
fn a_mail_that_waits_is_in_the_entry_of_its_finding_until_it_comes() {
    let inbox = vec![came(1, 12, &text(10, Route::HttpPush))];
    let requested =
        vec![waits(3, 14, MailState::Failed), waits(2, 13, MailState::Queued), waits(1, 12, MailState::Sent)];
    let entries = group(inbox, requested.clone(), &found(2, 10, Route::Kafka));
    assert_eq!(
        entries.iter().map(routes).collect::<Vec<_>>(),
        [vec![(None, 14)], vec![(Some(Route::HttpPush), 12), (Some(Route::Kafka), 13)]]
    );
    assert_eq!((after_first(&entries[0]), after_first(&entries[1])), (vec![None], vec![Some(0.0), None]));
    assert_eq!((entries[0].has_come(), entries[1].has_come(), entries[0].gist()), (false, true, ""));

    // The states are older than the mails.
    let inbox = vec![came(2, 13, &text(10, Route::Kafka)), came(1, 12, &text(10, Route::HttpPush))];
    let fresh = group(inbox, requested, &found(2, 10, Route::Kafka));
    assert_eq!((fresh.len(), fresh[1].mails.len(), fresh[1].id), (2, 2, entries[1].id));
}
