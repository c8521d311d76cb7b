//! Refusals by the brokers: a wrong password or certificate, a missing right. Each is logged once while it lasts.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::types::RDKafkaErrorCode;

use crate::repeats::Repeats;

/// A refusal counts as present for this long: librdkafka repeats one that lasts every 30 s.
const PRESENT: Duration = Duration::from_mins(1);

/// The refusals of this process.
static SEEN: Mutex<Seen> = Mutex::new(Seen { repeats: Repeats::new(), latest: None });

struct Seen {
    repeats: Repeats,
    /// The reason of the latest one, and when it came.
    latest: Option<(String, Instant)>,
}

/// Notes an error of a client, if it is a refusal: a new one is a line in the log. `about` tells apart refusals with the same
/// code, such as those of several topics.
pub fn note(code: RDKafkaErrorCode, about: &str, reason: &str) {
    if !is_refusal(code) {
        return;
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.latest = Some((reason.to_owned(), Instant::now()));
    let is_new = seen.repeats.is_new(&format!("{code:?} {about}"));
    drop(seen);
    if is_new {
        let separator = if about.is_empty() { "" } else { ": " };
        tracing::warn!("Kafka refuses this program: {about}{separator}{reason}");
    }
}

/// The reason of the latest refusal, if it came within the last minute.
pub fn present() -> Option<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let (reason, _) = seen.latest.as_ref().filter(|(_, at)| at.elapsed() < PRESENT)?;
    Some(reason.clone())
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
        assert_eq!(present(), None);
        note(RDKafkaErrorCode::TopicAuthorizationFailed, "click-events", "no right");
        assert_eq!(present().as_deref(), Some("no right"));
    }
}
