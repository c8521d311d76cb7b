//! How often a member of a group joins again after Kafka has refused it for good.
//!
//! Two processes with one name take the place from each other, and each would join again for ever.

use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use tokio::time::Instant;

/// How long a refusal counts.
const WINDOW: Duration = Duration::from_mins(1);
/// This many refusals within [`WINDOW`] end the member.
const TOO_MANY: usize = 5;
/// The wait after the first; each that counts doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The moments of the refusals that count.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<Instant>);

impl Refusals {
    /// Enters a refusal at `now`; returns the wait before the member joins again, or none if there were too many.
    pub(super) fn enter(&mut self, now: Instant) -> Option<Duration> {
        self.0.retain(|&at| now.duration_since(at) < WINDOW);
        let wait = FIRST_WAIT * (1 << self.0.len());
        self.0.push(now);
        (self.0.len() < TOO_MANY).then_some(wait)
    }
}

/// The error of a member that was refused too often; `name` is its name within the group.
pub(super) fn error(refusal: KafkaError, name: Option<&str>) -> anyhow::Error {
    let is_fenced = refusal.rdkafka_error_code() == Some(RDKafkaErrorCode::FencedInstanceId);
    let why = match name.filter(|_| is_fenced) {
        Some(name) => {
            format!("another process has joined the group under the name `{name}`; give each its own --kafka-instance")
        }
        None => "Kafka has refused this member of the group too often".to_owned(),
    };
    anyhow::Error::new(refusal).context(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits in milliseconds after refusals at these seconds.
    fn waits(seconds: &[u64]) -> Vec<Option<u128>> {
        let (mut refusals, start) = (Refusals::default(), Instant::now());
        let mut enter = |&second| refusals.enter(start + Duration::from_secs(second));
        seconds.iter().map(|second| enter(second).map(|wait| wait.as_millis())).collect()
    }

    #[test]
    fn the_wait_grows_and_the_fifth_refusal_within_a_minute_is_the_last() {
        assert_eq!(waits(&[0, 2, 4, 6, 59]), [Some(100), Some(200), Some(400), Some(800), None]);
    }

    #[test]
    fn a_quiet_minute_forgets_all_refusals() {
        assert_eq!(waits(&[0, 1, 2, 3, 63, 64]), [Some(100), Some(200), Some(400), Some(800), Some(100), Some(200)]);
    }

    #[test]
    fn rare_refusals_never_end_the_member() {
        let all = waits(&(0..100).map(|number| number * 20).collect::<Vec<_>>());
        assert!(all[3..].iter().all(|&wait| wait == Some(400)), "{all:?}");
    }

    #[test]
    fn the_error_names_the_flag_where_the_name_is_the_reason() {
        let error = |code, name| error(KafkaError::MessageConsumptionFatal(code), name).to_string();
        let fenced = error(RDKafkaErrorCode::FencedInstanceId, Some("consumer-1"));
        assert!(fenced.contains("under the name `consumer-1`") && fenced.contains("--kafka-instance"), "{fenced}");
        let other = error(RDKafkaErrorCode::GroupAuthorizationFailed, Some("consumer-1"));
        assert!(!other.contains("--kafka-instance"), "{other}");
    }
}
