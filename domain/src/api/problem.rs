//! RFC 9457 problem details.

use serde::{Deserialize, Serialize};

use super::EventResult;

/// Why a whole request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The status in words.
    pub title: String,
    /// The problem and its remedy, as a sentence.
    pub detail: String,
    /// After how many milliseconds to try again (429 and 503; the header Retry-After has it in seconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The server that the request needs and that is not available: `postgres`, or `sqlite` for a file (503).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependency: Option<String>,
    /// The result of each event, where the request got far enough to have any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<EventResult>,
}
