//! The use cases: what turns events into alerts, and alerts into mails.
//!
//! A use case is one file in `rules/` and one line in [`all`].

pub mod steady_clicks;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::mail::MailRequest;
use crate::{Event, Route, Timestamp};

/// A business rule over the events of one key (a client's IP), separately for each route.
pub trait UseCase: Send + Sync {
    /// Its name in stores and URLs.
    fn id(&self) -> &'static str;

    /// Whether the event concerns it; only then is its state loaded.
    fn wants(&self, event: &Event) -> bool;

    /// Takes one new event into `state` (JSON of its own making, null at first) and says what it found.
    fn observe(&self, state: &mut Value, event: &Event) -> Option<Activity>;

    /// Subject and text of the mail about what it found.
    fn describe(&self, activity: &Activity, key: &str, route: Route) -> (String, String);
}

/// Every use case there is.
pub fn all() -> Vec<Box<dyn UseCase>> {
    vec![Box::new(steady_clicks::SteadyClicks::default())]
}

/// What a use case found: something that went on from `started` to `ended`, by the client's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Its first event.
    pub started: Timestamp,
    /// Its last event.
    pub ended: Timestamp,
}

/// A finding, with all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Made from use case, route, source and triggering event: the same finding has the same id.
    pub id: Uuid,
    /// The use case's id.
    pub use_case: String,
    /// The route whose copy of the events triggered it.
    pub route: Route,
    /// Whom it is about: a client's IP.
    pub key: String,
    /// The event that completed the pattern.
    pub event: Uuid,
    /// From when to when, by the client's clock.
    pub activity: Activity,
    /// When it was found, by the consumer's clock.
    pub detected: Timestamp,
    /// The mail's subject.
    pub subject: String,
}

/// Addresses for the mails of alerts.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Sender.
    pub from: String,
    /// Recipient.
    pub to: String,
}

/// Makes the alert and the mail for what `use_case` found with `event`.
pub fn alert(
    use_case: &dyn UseCase,
    activity: Activity,
    event: &Event,
    route: Route,
    now: Timestamp,
    addresses: &Addresses,
) -> (Alert, MailRequest) {
    let id = Uuid::new_v5(&event.id, format!("{}/{route}{}", use_case.id(), event.source).as_bytes());
    let (subject, content) = use_case.describe(&activity, &event.partitionkey, route);
    let alert = Alert {
        id,
        use_case: use_case.id().to_owned(),
        route,
        key: event.partitionkey.clone(),
        event: event.id,
        activity,
        detected: now,
        subject: subject.clone(),
    };
    let mail = MailRequest {
        id,
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject,
        content,
        traceparent: event.traceparent.clone(),
    };
    (alert, mail)
}
