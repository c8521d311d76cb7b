//! `GET /api/ledger`, and the report that trackers send to `POST /api/sessions/{id}/report`.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ledger::{Balance, Report};
use crate::{ByRoute, Intervals, Route, SessionId, Timestamp};

/// The ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LedgerView {
    /// The sum over all sessions, for each route.
    pub routes: ByRoute<Balance>,
    /// Events processed that no session numbered, such as those of the original example's programs; not part of the sums.
    #[serde(default)]
    pub unnumbered: ByRoute<u64>,
    /// Ledgers of sessions that were silent for long: they are part of the sums, and are kept no more.
    #[serde(default)]
    pub pruned: ByRoute<u64>,
    /// The sessions, latest first (or the one asked for).
    pub sessions: Vec<SessionView>,
}

/// One session on one route.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SessionView {
    /// The session.
    pub session: SessionId,
    /// The route.
    pub route: Route,
    /// The identity.
    #[serde(flatten)]
    pub balance: Balance,
    /// The largest number emitted or processed. The largest over its routes is how many events the session has. A ledger that
    /// was closed because of too many gaps has how many were emitted.
    pub numbered: u64,
    /// The numbers on the way or lost; none where the ledger is closed.
    pub gaps: Intervals,
    /// The numbers that were processed; only where one session is asked for. None where the ledger is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Intervals>,
    /// When the last event or report of it came, by the consumer's clock.
    pub last_heard: Option<Timestamp>,
}

/// By hand, as for [`Outcome`](super::Outcome).
impl<'de> Deserialize<'de> for SessionView {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flat {
            session: SessionId,
            route: Route,
            emitted: u64,
            processed: u64,
            rejected: u64,
            shed: u64,
            in_flight: u64,
            lost: u64,
            duplicates: u64,
            reordered: u64,
            #[serde(default)]
            refused: u64,
            residual: i64,
            #[serde(default)]
            numbered: u64,
            gaps: Intervals,
            #[serde(default)]
            seen: Option<Intervals>,
            last_heard: Option<Timestamp>,
        }

        let flat = Flat::deserialize(from)?;
        let balance = Balance {
            emitted: flat.emitted,
            processed: flat.processed,
            rejected: flat.rejected,
            shed: flat.shed,
            in_flight: flat.in_flight,
            lost: flat.lost,
            duplicates: flat.duplicates,
            reordered: flat.reordered,
            refused: flat.refused,
            residual: flat.residual,
        };
        let Flat { session, route, numbered, gaps, seen, last_heard, .. } = flat;
        Ok(Self { session, route, balance, numbered, gaps, seen, last_heard })
    }
}

/// A tracker's own counts, for each route it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SessionReport {
    /// For each route.
    pub routes: ByRoute<Report>,
    /// The waits of events accepted since the last report, at most [`MAX_WAITS`] for each route; they are only shown.
    #[serde(default, skip_serializing_if = "ByRoute::is_empty")]
    #[schemars(schema_with = "waits")]
    pub waits: ByRoute<Vec<Wait>>,
}

fn waits(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = <ByRoute<Vec<Wait>> as schemars::JsonSchema>::json_schema(generator);
    let routes = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut);
    routes.into_iter().flatten().for_each(|(_, waits)| waits["maxItems"] = MAX_WAITS.into());
    schema
}

/// The most sessions in one answer of `GET /api/ledger`.
pub const MAX_SESSIONS: u32 = 1000;

/// How many waits a report has for each route, at most.
pub const MAX_WAITS: usize = 100;

/// How long an accepted event waited at its sender, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Wait {
    /// In the sender's own queue: from its emission until it was first sent.
    pub queued_us: u64,
    /// For the route: from then until it was answered `accepted` or `duplicate`.
    pub accepted_us: u64,
}

impl Wait {
    /// Of an event that was emitted, first sent and accepted at these moments; 0 where a clock was set back.
    pub fn between(emitted: Timestamp, sent: Timestamp, accepted: Timestamp) -> Self {
        let micros = |from: Timestamp, to: Timestamp| u64::try_from(to.micros().saturating_sub(from.micros()));
        Self {
            queued_us: micros(emitted, sent).unwrap_or_default(),
            accepted_us: micros(sent, accepted).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_session_is_read_as_it_is_written() {
        let (emitted, processed, rejected, shed, in_flight) = (1, 2, 3, 4, 5);
        let (lost, duplicates, reordered, refused, residual) = (6, 7, 8, 10, -9);
        let identity = Balance { emitted, processed, rejected, shed, in_flight, lost, ..Balance::default() };
        let balance = Balance { duplicates, reordered, refused, residual, ..identity };
        let view = SessionView {
            session: SessionId(Uuid::from_u128(7)),
            route: Route::HttpPoll,
            balance,
            numbered: 9,
            gaps: "3-9".parse().unwrap(),
            seen: Some("1-2".parse().unwrap()),
            last_heard: Some(Timestamp::from_millis(5)),
        };
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!((&json["emitted"], &json["residual"]), (&1.into(), &(-9).into()), "beside the others: {json}");
        assert_eq!(serde_json::from_value::<SessionView>(json).unwrap(), view);
    }
}
