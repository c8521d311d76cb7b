//! Refusals by the brokers: a wrong password or certificate, a missing right. Each is logged once while it lasts.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::certificate;
use crate::repeats::Repeats;

/// A refusal counts as present for this long: librdkafka repeats one that lasts every 30 s.
const PRESENT: Duration = Duration::from_mins(1);

/// The refusals of this process.
static SEEN: Mutex<Seen> = Mutex::new(Seen { repeats: Repeats::new(), latest: None });

struct Seen {
    repeats: Repeats,
    latest: Option<Latest>,
}

/// The latest refusal.
struct Latest {
    /// Its code and what it is about.
    key: String,
    reason: String,
    at: Instant,
}

/// Notes an error of a client, if it is a refusal: a new one is a line in the log. `about` tells apart refusals with the same
/// code, such as those of several topics.
pub(super) fn note(code: RDKafkaErrorCode, about: &str, reason: &str) {
    if !is_refusal(code) {
        return;
    }
    let (key, at) = (format!("{code:?} {about}"), Instant::now());
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = seen.repeats.is_new(&key);
    match &mut seen.latest {
        // Its reason may be explained by now.
        Some(latest) if !is_new && latest.key == key => latest.at = at,
        latest => *latest = Some(Latest { key: key.clone(), reason: reason.to_owned(), at }),
    }
    drop(seen);
    if !is_new {
        return;
    }
    let separator = if about.is_empty() { "" } else { ": " };
    let line = format!("Kafka refuses this program: {about}{separator}{reason}");
    if code != RDKafkaErrorCode::SSL {
        tracing::warn!("{line}");
        return;
    }
    // The caller must not wait for the broker.
    let reason = reason.to_owned();
    std::thread::spawn(move || {
        let Some(explanation) = certificate::explain(&reason) else {
            tracing::warn!("{line}");
            return;
        };
        tracing::warn!("{line}; {explanation}");
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(latest) = seen.latest.as_mut().filter(|latest| latest.key == key) {
            latest.reason = format!("{reason}; {explanation}");
        }
    });
}

/// Notes an error that a client has given for a record or a topic.
pub fn note_error(error: &KafkaError, about: &str) {
    if let Some(code) = error.rdkafka_error_code() {
        note(code, about, &error.to_string());
    }
}

/// The reason of the latest refusal, if it came within the last minute.
pub fn present() -> Option<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let latest = seen.latest.as_ref().filter(|latest| latest.at.elapsed() < PRESENT)?;
    Some(latest.reason.clone())
}

/// Whether an error lasts until somebody changes a password, a certificate or a right.
const fn is_refusal(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{
        Authentication, ClusterAuthorizationFailed, GroupAuthorizationFailed, SSL, SaslAuthenticationFailed,
        TopicAuthorizationFailed, UnsupportedSASLMechanism,
    };
    matches!(
        code,
        Authentication
            | ClusterAuthorizationFailed
            | GroupAuthorizationFailed
            | SSL
            | SaslAuthenticationFailed
            | TopicAuthorizationFailed
            | UnsupportedSASLMechanism
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_is_noted() {
        for code in [RDKafkaErrorCode::AllBrokersDown, RDKafkaErrorCode::BrokerTransportFailure] {
            note(code, "", "nobody is there");
        }
        // Other tests of this process may have been refused.
        assert_ne!(present().as_deref(), Some("nobody is there"));
        note(RDKafkaErrorCode::TopicAuthorizationFailed, "click-events", "no right");
        assert_eq!(present().as_deref(), Some("no right"));
    }
}
