//! The use cases: they turn events into alerts, and alerts into mails.
//!
//! A use case is two files in `rules/`, the rule and the text of its mails, and one line in [`all`]. Store and page follow from
//! its methods.

mod alert_mail;
mod settings;
pub mod steady_clicks;
pub mod stuck_orders;
mod use_case;

pub use alert_mail::{alert, period_and_route};
pub use settings::{BadSetting, Field, Form, RECIPIENT, Settings};
pub use use_case::{About, Activity, Alert, Cause, Finding, Memory, UseCase};

/// Every use case.
pub fn all() -> Vec<Box<dyn UseCase>> {
    vec![Box::new(steady_clicks::SteadyClicks), Box::new(stuck_orders::StuckOrders)]
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
