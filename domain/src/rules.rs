//! The use cases: they turn events into alerts, and alerts into mails.
//!
//! A use case is one file in `rules/` and one line in [`all`]; store, page and mails follow from its methods.

mod settings;
pub mod steady_clicks;
pub mod stuck_orders;
mod use_case;

use uuid::Uuid;

use crate::mail::MailRequest;
use crate::{Route, Timestamp};

pub use settings::{BadSetting, Field, Form, RECIPIENT, Settings};
pub use use_case::{About, Activity, Alert, Cause, Finding, Memory, UseCase};

/// Every use case.
pub fn all() -> Vec<Box<dyn UseCase>> {
    vec![Box::new(steady_clicks::SteadyClicks), Box::new(stuck_orders::StuckOrders)]
}

/// The alert and the mail for a finding on `route`.
pub fn alert(
    use_case: &str,
    finding: Finding,
    route: Route,
    now: Timestamp,
    from: &str,
    to: &str,
) -> (Alert, MailRequest) {
    let Finding { activity, cause, subject, content } = finding;
    let id = Uuid::new_v5(&cause.id, format!("{use_case}/{route}{}", cause.source).as_bytes());
    let content =
        format!("{content}\n\nFrom: {}\nTo:   {}\nSeen on route: {route}\n", activity.started, activity.ended);
    let mail = MailRequest {
        id,
        from: from.to_owned(),
        to: to.to_owned(),
        subject: subject.clone(),
        content,
        traceparent: cause.traceparent,
    };
    let use_case = use_case.to_owned();
    let alert = Alert { id, use_case, route, key: cause.ip, event: cause.id, activity, detected: now, subject };
    (alert, mail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_use_case_has_a_name_of_its_own_and_valid_defaults() {
        let mut names = BTreeSet::new();
        for use_case in all() {
            assert!(names.insert(use_case.id()));
            let fields = use_case.fields();
            let given: serde_json::Map<_, _> =
                fields.iter().map(|field| (field.name.to_owned(), field.default.clone())).collect();
            let settings = Settings::default_of(&fields);
            assert_eq!(settings.changed(&fields, &given), Ok(settings.clone()));
            assert!(!use_case.about(&settings).condition.is_empty());
        }
    }
}
