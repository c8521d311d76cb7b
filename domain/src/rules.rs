//! The use cases: what turns events into alerts, and alerts into mails.
//!
//! A use case is one file in `rules/` and one line in [`all`]; store, page and mails follow from what it says of itself.

mod settings;
pub mod steady_clicks;
pub mod stuck_orders;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::mail::MailRequest;
use crate::{Event, Route, Source, Timestamp};

pub use settings::{BadSetting, Field, Form, RECIPIENT, Settings};

/// Every use case there is.
pub fn all() -> Vec<Box<dyn UseCase>> {
    vec![Box::new(steady_clicks::SteadyClicks), Box::new(stuck_orders::StuckOrders)]
}

/// A business rule over the events of one key, separately for each route.
pub trait UseCase: Send + Sync {
    /// Its name in stores and URLs.
    fn id(&self) -> &'static str;

    /// What can be set, with the values it begins with; the mails' recipient can always be set and is not among them.
    fn fields(&self) -> Vec<Field>;

    /// What it does, for people.
    fn about(&self, settings: &Settings) -> About;

    /// Whether the event concerns it; only then is its memory loaded.
    fn wants(&self, settings: &Settings, event: &Event) -> bool;

    /// What it remembers events by: the client's IP, or something of that client.
    fn key(&self, event: &Event) -> String {
        event.partitionkey.clone()
    }

    /// Takes one new event into memory and says what it found. `now` is the consumer's clock.
    fn observe(&self, settings: &Settings, memory: &mut Memory, event: &Event, now: Timestamp) -> Option<Finding>;

    /// Says what it finds in what did not happen; called once the moment in [`Memory::due`] has passed.
    fn due(&self, _settings: &Settings, memory: &mut Memory) -> Option<Finding> {
        memory.due = None;
        None
    }
}

/// What a use case remembers of one key on one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// JSON of its own making; null at first, and when there is nothing to remember.
    pub state: Value,
    /// When to ask [`UseCase::due`], by the backend's clock: once all that was received before then is processed.
    pub due: Option<Timestamp>,
}

/// A use case in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct About {
    /// Its name.
    pub title: String,
    /// Which events it looks at.
    pub trigger: String,
    /// When it finds something.
    pub condition: String,
    /// What happens then.
    pub action: String,
    /// Why anybody would want that.
    pub reason: String,
}

/// From when to when something went on, by the client's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activity {
    /// Its first event.
    pub started: Timestamp,
    /// Its last event, or the moment by which one was missing.
    pub ended: Timestamp,
}

/// What a use case found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// From when to when.
    pub activity: Activity,
    /// The event that completed the pattern, or waited in vain.
    pub cause: Cause,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text.
    pub content: String,
}

/// What is kept of an event that causes a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its id.
    pub id: Uuid,
    /// Who emitted it.
    pub source: Source,
    /// The client's IP.
    pub ip: String,
    /// Its trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl From<&Event> for Cause {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            source: event.source.clone(),
            ip: event.partitionkey.clone(),
            traceparent: event.traceparent.clone(),
        }
    }
}

/// A finding, with all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// Made from use case, route, source and causing event: the same finding has the same id.
    pub id: Uuid,
    /// The use case's id.
    pub use_case: String,
    /// The route whose copy of the events triggered it.
    pub route: Route,
    /// Whom it is about: a client's IP.
    pub key: String,
    /// The event that completed the pattern, or waited in vain.
    pub event: Uuid,
    /// From when to when, by the client's clock.
    pub activity: Activity,
    /// When it was found, by the consumer's clock.
    pub detected: Timestamp,
    /// The mail's subject.
    pub subject: String,
}

/// Makes the alert and the mail for what the use case found on `route`.
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
    use crate::Kind;

    /// An event of one client at a millisecond.
    pub(super) fn event(kind: Kind, millis: i64, data: Value) -> Event {
        Event {
            specversion: Default::default(),
            id: Uuid::nil(),
            source: Source::Elsewhere("/test".to_owned()),
            kind,
            time: Timestamp::from_millis(millis),
            sequence: None,
            partitionkey: "127.0.0.1".to_owned(),
            traceparent: None,
            receivedtime: None,
            data,
        }
    }

    #[test]
    fn every_use_case_has_a_name_of_its_own_and_defaults_that_fit() {
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
