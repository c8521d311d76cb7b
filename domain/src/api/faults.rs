//! `/api/faults`: the faults that can be started on a running stack, and those that are active.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ByRoute, Timestamp};

/// The header of requests that start or end faults; its value is [`FaultsView::token`].
///
/// A page of another site can neither read the token nor send this header.
pub const FAULT_TOKEN: &str = "ese-fault-token";
/// The longest fault, in seconds.
pub const MAX_FAULT_SECONDS: u32 = 3_600;

/// The answer to `GET /api/faults`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FaultsView {
    /// The value of the header [`FAULT_TOKEN`].
    pub token: String,
    /// All faults of this stack.
    pub faults: Vec<FaultDescription>,
    /// The active ones, oldest first.
    pub active: Vec<ActiveFault>,
}

/// A fault that can be started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FaultDescription {
    /// The kind, such as `kill`.
    pub kind: String,
    /// The part, such as `consumer`, or the connection, such as `backend-consumer`.
    pub target: String,
    /// The start of the fault, as a button says it.
    pub title: String,
    /// The end of the fault, as a button says it.
    pub undo: String,
    /// The numbers that can be set.
    pub parameters: Vec<FaultParameter>,
    /// The expectation for each route, in one sentence.
    pub expect: ByRoute<String>,
}

/// A number of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FaultParameter {
    /// The name, such as `latency_ms`; the unit is its end.
    pub name: String,
    /// The smallest value.
    pub least: u32,
    /// The largest value.
    pub most: u32,
    /// The value if none is given.
    pub default: u32,
}

/// The body of `POST /api/faults`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRequest {
    /// The kind.
    pub kind: String,
    /// The part or the connection.
    pub target: String,
    /// Its numbers; those left out have their defaults.
    #[serde(default)]
    pub parameters: BTreeMap<String, u32>,
    /// The fault ends by itself after so many seconds; left out, it lasts until it is ended.
    #[serde(default)]
    #[schemars(range(min = 1, max = MAX_FAULT_SECONDS))]
    pub seconds: Option<u32>,
}

impl FaultRequest {
    /// A fault with its defaults, until it is ended.
    pub fn new(kind: &str, target: &str) -> Self {
        Self { kind: kind.to_owned(), target: target.to_owned(), ..Self::default() }
    }
}

/// A fault that was started and did not end yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ActiveFault {
    /// Its number, for `DELETE /api/faults/{id}`.
    pub id: u64,
    /// The kind.
    pub kind: String,
    /// The part or the connection.
    pub target: String,
    /// Its numbers.
    pub parameters: BTreeMap<String, u32>,
    /// When it was started.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}
