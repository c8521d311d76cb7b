//! `GET /api/ledger`, and the report that trackers send to `POST /api/sessions/{id}/report`.

use serde::{Deserialize, Serialize};

use crate::ledger::{Balance, Report};
use crate::{ByRoute, Intervals, Route, SessionId, Timestamp};

/// The books.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerView {
    /// The sum over all sessions, for each route.
    pub routes: ByRoute<Balance>,
    /// The sessions, latest first (or the one asked for).
    pub sessions: Vec<SessionView>,
}

/// One session on one route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionView {
    /// Who.
    pub session: SessionId,
    /// By which route.
    pub route: Route,
    /// The identity.
    #[serde(flatten)]
    pub balance: Balance,
    /// The numbers on the way or lost.
    pub gaps: Intervals,
    /// When anything of it was last heard, by the consumer's clock.
    pub last_heard: Option<Timestamp>,
}

/// A tracker's own counts, for each route it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionReport {
    /// For each route.
    pub routes: ByRoute<Report>,
}
