//! `POST /api/events`: a result for each event and route.

mod limits;

use serde::{Deserialize, Deserializer, Serialize};

pub use limits::{MAX_BATCH_EVENTS, MAX_BODY_BYTES};

use crate::ByRoute;

/// The answer to a batch: one result for each event, in the order of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IngestReply {
    /// The results.
    pub results: Vec<EventResult>,
    /// When the backend had read the request, by its clock, in microseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_us: Option<i64>,
    /// When it answered, alike. Both bound the offset of the client's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_us: Option<i64>,
}

/// The results of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EventResult {
    /// The event's id as it was given; null if it had none.
    pub id: Option<String>,
    /// For each route asked for.
    pub routes: ByRoute<Outcome>,
}

/// The result of one event on one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Durable: it survives `kill -9` of anything.
    Accepted,
    /// It was accepted before; this time it had no effect.
    Duplicate,
    /// Never send it again.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Not accepted now; send it again.
    Retry {
        /// After how many milliseconds.
        after_ms: u64,
        /// Why.
        reason: String,
    },
}

/// By hand: serde's code for a tag among the fields buffers each object. Without it, here and in three more places, the page
/// is 9 KB smaller.
impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Tag {
            Accepted,
            Duplicate,
            Rejected,
            Retry,
        }

        #[derive(Deserialize)]
        struct Flat {
            outcome: Tag,
            #[serde(default)]
            after_ms: u64,
            #[serde(default)]
            reason: String,
        }

        let Flat { outcome, after_ms, reason } = Flat::deserialize(from)?;
        Ok(match outcome {
            Tag::Accepted => Self::Accepted,
            Tag::Duplicate => Self::Duplicate,
            Tag::Rejected => Self::Rejected { reason },
            Tag::Retry => Self::Retry { after_ms, reason },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Route;

    #[test]
    fn the_wire_shape_stays() {
        let retry = Outcome::Retry { after_ms: 500, reason: "the consumer is down".to_owned() };
        let rejected = Outcome::Rejected { reason: "`data` is too large".to_owned() };
        let result = EventResult {
            id: Some("0192f0c1-2345-7abc-8def-0123456789ab".to_owned()),
            routes: [(Route::HttpPush, retry), (Route::HttpPoll, rejected), (Route::Kafka, Outcome::Accepted)].into(),
        };
        let reply = IngestReply { results: vec![result], ..IngestReply::default() };
        assert_eq!(serde_json::from_value::<IngestReply>(serde_json::to_value(&reply).unwrap()).unwrap(), reply);
        insta::assert_json_snapshot!(reply);
    }
}
