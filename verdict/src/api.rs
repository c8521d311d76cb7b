//! `/api/compare`: comparisons that a page starts, and follows.

use serde::{Deserialize, Serialize};

use crate::results::ScenarioResult;

/// The most repetitions of a comparison from the page.
pub const MAX_REPETITIONS: u32 = 5;

/// The answer to `GET /api/compare`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparisonView {
    /// The comparison that is under way, if there is one.
    pub running: Option<Running>,
    /// The start of the last one that ended, as RFC 3339; `GET /api/compare/results` has it, and `GET /api/compare/report`
    /// its report.
    pub last: Option<String>,
}

/// A comparison that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Running {
    /// The name of the only scenario; none for the quick comparison.
    pub scenario: Option<String>,
    /// How many runs have ended.
    pub done: u32,
    /// How many runs there are.
    pub of: u32,
    /// The time to go, in seconds.
    pub seconds_left: f64,
    /// The scenario of the present run, with its ended runs and, as the last one, the present run so far: of that the
    /// timeline and the faults alone. None between two runs.
    pub now: Option<ScenarioResult>,
}

/// The body of `POST /api/compare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComparisonRequest {
    /// The name of one scenario; without it the quick comparison.
    #[serde(default)]
    pub scenario: Option<String>,
    /// How many repetitions, 1 to [`MAX_REPETITIONS`]; by default 1 for one scenario and 3 for the quick comparison.
    #[serde(default)]
    pub repetitions: Option<u32>,
}
