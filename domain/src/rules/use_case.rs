//! A use case: the trait, its memory, and its findings.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::settings::{Field, Settings};
use crate::{Event, Route, Source, Timestamp};

/// A business rule over the events of one key, separately for each route.
pub trait UseCase: Send + Sync {
    /// Its name in stores and URLs.
    fn id(&self) -> &'static str;

    /// Its settings with their defaults, without the mails' recipient, which every use case has.
    fn fields(&self) -> Vec<Field>;

    /// Its description, for people.
    fn about(&self, settings: &Settings) -> About;

    /// Whether the event concerns it; only then is its memory loaded.
    fn wants(&self, settings: &Settings, event: &Event) -> bool;

    /// The key of its memory: the client's IP, or something of that client.
    fn key(&self, event: &Event) -> String {
        event.partitionkey.clone()
    }

    /// Takes one new event into memory and returns its finding. `now` is the consumer's clock.
    fn observe(&self, settings: &Settings, memory: &mut Memory, event: &Event, now: Timestamp) -> Option<Finding>;

    /// The finding from a missing event; called once the moment in [`Memory::due`] has passed.
    fn due(&self, _settings: &Settings, memory: &mut Memory) -> Option<Finding> {
        memory.due = None;
        None
    }
}

/// The memory of a use case for one key on one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// JSON of the use case's own form; null if there is nothing to remember.
    pub state: Value,
    /// When to call [`UseCase::due`], by the backend's clock: once all events received before then are processed.
    pub due: Option<Timestamp>,
}

/// The description of a use case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct About {
    /// Its name.
    pub title: String,
    /// Which events it looks at.
    pub trigger: String,
    /// When it finds something.
    pub condition: String,
    /// The action.
    pub action: String,
    /// Its purpose.
    pub reason: String,
}

/// The period of a finding, by the client's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Activity {
    /// Its first event.
    pub started: Timestamp,
    /// Its last event, or the moment by which one was missing.
    pub ended: Timestamp,
}

/// The finding of a use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its period.
    pub activity: Activity,
    /// The end of the wait that the condition demands for a missing event; see [`Alert::due`].
    pub due: Option<Timestamp>,
    /// The event that completed the pattern, or waited in vain.
    pub cause: Cause,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text.
    pub content: String,
}

/// The event that causes a finding, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its id.
    pub id: Uuid,
    /// Its source.
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

/// A finding with its use case and route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alert {
    /// Made from use case, route, source and causing event: the same finding has the same id. Without deduplication it is new
    /// each time.
    pub id: Uuid,
    /// The use case's id.
    pub use_case: String,
    /// The route whose copy of the events triggered it.
    pub route: Route,
    /// The client's IP.
    pub key: String,
    /// The event that completed the pattern, or waited in vain.
    pub event: Uuid,
    /// The period, by the client's clock.
    pub activity: Activity,
    /// When a missing event could be found at the earliest, by the backend's clock: at the end of the wait that the condition
    /// demands. None if an event completed the pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When it was found, by the consumer's clock.
    pub detected: Timestamp,
    /// The mail's subject.
    pub subject: String,
}

impl Alert {
    /// How late it was found, in milliseconds, without the wait that the condition demands.
    pub fn late_ms(&self) -> f64 {
        self.detected.millis_since(self.due.unwrap_or(self.activity.ended))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Kind;

    /// An event of one client at a millisecond.
    pub(crate) fn event(kind: Kind, millis: i64, data: Value) -> Event {
        let source = Source::Elsewhere("/test".to_owned());
        let partitionkey = "127.0.0.1".to_owned();
        let data = data.into();
        Event { partitionkey, data, ..Event::new(Uuid::nil(), source, kind, Timestamp::from_millis(millis)) }
    }
}
