//! The ledgers of sessions (table `accounts`), and the sums over them and over those that were pruned (`pruned_accounts`).

use std::collections::{BTreeMap, BTreeSet};

use domain::api::SessionView;
use domain::ledger::{Balance, Report, SessionLedger};
use domain::{ByRoute, Intervals, Route, SessionId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe, Row, query};

use super::statement::{self, Value};
use super::{StoreError, Tx, signed, unsigned};

/// The key of a session's ledger. Ledgers are locked in this order.
pub type Key = (SessionId, Route);

/// The columns that make a ledger.
const LEDGER: &str = "processed, duplicates, reordered, processed_at, emitted, accepted, rejected, shed, reported_at,
     closed, refused, resumed, emitted_count, processed_count, rejected_count, shed_count, residual";

/// Locks the ledgers until the transaction ends. Creates missing ones.
pub async fn lock(
    tx: &mut Tx,
    keys: BTreeSet<Key>,
    now: Timestamp,
) -> Result<BTreeMap<Key, SessionLedger>, StoreError> {
    let insert = "INSERT INTO accounts (session, route, touched_at)";
    let row = |(session, route): Key| [session.to_string().into(), route.name().into(), now.micros().into()];
    let touch = format!(
        "ON CONFLICT (session, route) DO UPDATE SET touched_at = excluded.touched_at RETURNING session, route, {LEDGER},
         CAST((SELECT COALESCE(MAX(pruned_until), 0) FROM pruned_accounts) AS BIGINT) AS pruned_until"
    );
    let rows = statement::over(tx, insert, keys.into_iter().map(row).collect(), &touch).await?;
    let locked = rows.iter().map(|row| {
        let (session, mut ledger): (SessionId, _) = (parsed(row, "session")?, ledger(row)?);
        if ledger.is_new() {
            ledger.resumed = may_be_pruned(session, row.try_get("pruned_until")?);
        }
        Ok(((session, parsed(row, "route")?), ledger))
    });
    locked.collect()
}

/// Whether a session without a ledger may have had one: it began before a pruned one was last touched. Its own clock counts; a
/// session whose id has no time counts as new.
fn may_be_pruned(session: SessionId, pruned_until: i64) -> bool {
    pruned_until > 0 && session.began().is_some_and(|began| began.micros() <= pruned_until)
}

/// Writes locked ledgers back, with the counts for the sums.
pub async fn save(tx: &mut Tx, ledgers: &BTreeMap<Key, SessionLedger>) -> Result<(), StoreError> {
    let insert = "INSERT INTO accounts (session, route, processed, duplicates, reordered, processed_at,
         emitted, accepted, rejected, shed, reported_at,
         emitted_count, processed_count, rejected_count, shed_count, in_flight_count, missing_count, residual,
         closed, refused, resumed)";
    let update = "ON CONFLICT (session, route) DO UPDATE SET processed = excluded.processed,
         duplicates = excluded.duplicates, reordered = excluded.reordered, processed_at = excluded.processed_at,
         emitted = excluded.emitted, accepted = excluded.accepted, rejected = excluded.rejected,
         shed = excluded.shed, reported_at = excluded.reported_at,
         emitted_count = excluded.emitted_count, processed_count = excluded.processed_count,
         rejected_count = excluded.rejected_count, shed_count = excluded.shed_count,
         in_flight_count = excluded.in_flight_count, missing_count = excluded.missing_count,
         residual = excluded.residual, closed = excluded.closed, refused = excluded.refused,
         resumed = excluded.resumed";
    statement::over(tx, insert, ledgers.iter().map(row).collect(), update).await?;
    Ok(())
}

fn row((&(session, route), ledger): (&Key, &SessionLedger)) -> [Value; 21] {
    // Never seen empty: no event is lost yet. Always seen empty: all missing events are lost.
    let (open, closed) = (ledger.balance(Timestamp::MIN), ledger.balance(Timestamp::MAX));
    [
        session.to_string().into(),
        route.name().into(),
        ledger.processed.to_string().into(),
        signed(ledger.duplicates).into(),
        signed(ledger.reordered).into(),
        ledger.processed_at.map_or(0, Timestamp::micros).into(),
        ledger.report.emitted.to_string().into(),
        ledger.report.accepted.to_string().into(),
        ledger.report.rejected.to_string().into(),
        ledger.report.shed.to_string().into(),
        ledger.reported_at.map_or(0, Timestamp::micros).into(),
        signed(open.emitted).into(),
        signed(open.processed).into(),
        signed(open.rejected).into(),
        signed(open.shed).into(),
        signed(open.in_flight).into(),
        signed(closed.lost).into(),
        open.residual.into(),
        i64::from(ledger.closed.is_some()).into(),
        signed(ledger.refused).into(),
        i64::from(ledger.resumed).into(),
    ]
}

/// The sums over all sessions, for each route, and how many of their ledgers were pruned; `drained_at` is when a route was last
/// seen empty.
pub async fn sums(
    pool: &AnyPool,
    drained_at: impl Fn(Route) -> Timestamp,
) -> Result<(ByRoute<Balance>, ByRoute<u64>), StoreError> {
    let lost = "CASE WHEN reported_at < CASE route WHEN 'http-push' THEN $1 WHEN 'http-poll' THEN $2 ELSE $3 END
                THEN missing_count ELSE 0 END";
    // One statement, so that a ledger that is pruned meanwhile counts once.
    let rows = query(AssertSqlSafe(format!(
        "SELECT route, CAST(SUM(emitted_count) AS BIGINT), CAST(SUM(processed_count) AS BIGINT),
         CAST(SUM(rejected_count) AS BIGINT), CAST(SUM(shed_count) AS BIGINT), CAST(SUM(in_flight_count) AS BIGINT),
         CAST(SUM({lost}) AS BIGINT), CAST(SUM(duplicates) AS BIGINT), CAST(SUM(reordered) AS BIGINT),
         CAST(SUM(refused) AS BIGINT), CAST(SUM(residual) AS BIGINT), CAST(0 AS BIGINT)
         FROM accounts GROUP BY route
         UNION ALL
         SELECT route, emitted_count, processed_count, rejected_count, shed_count, in_flight_count,
         {lost}, duplicates, reordered, refused, residual, ledgers FROM pruned_accounts"
    )));
    let rows = Route::ALL.into_iter().fold(rows, |rows, route| rows.bind(drained_at(route).micros()));
    let mut sums: ByRoute<Balance> = Route::ALL.into_iter().map(|route| (route, Balance::default())).collect();
    let mut pruned = ByRoute::new();
    for row in rows.fetch_all(pool).await? {
        let count = |column: usize| row.try_get::<i64, _>(column).map(unsigned);
        let lost = count(6)?;
        let balance = Balance {
            emitted: count(1)?,
            processed: count(2)?,
            rejected: count(3)?,
            shed: count(4)?,
            in_flight: count(5)?.saturating_sub(lost),
            lost,
            duplicates: count(7)?,
            reordered: count(8)?,
            refused: count(9)?,
            residual: row.try_get(10)?,
        };
        let route: Route = parsed(&row, "route")?;
        let sum = sums.get_or_default(route);
        *sum = [*sum, balance].into_iter().sum();
        let ledgers = count(11)?;
        if ledgers > 0 {
            pruned.insert(route, ledgers);
        }
    }
    Ok((sums, pruned))
}

/// A ledger with an event that is not processed, rejected or shed, that was accepted and not reported as emitted, or with a
/// residual.
const INEXACT: &str = "(in_flight_count <> 0 OR missing_count <> 0 OR residual <> 0)";

/// The `limit` sessions with the latest changes, or only one. With `inexact`, sessions with an inexact ledger, and no others.
pub async fn sessions(
    pool: &AnyPool,
    only: Option<SessionId>,
    inexact: bool,
    limit: i64,
    drained_at: impl Fn(Route) -> Timestamp,
) -> Result<Vec<SessionView>, StoreError> {
    let is_wanted = if inexact { INEXACT } else { "1 = 1" };
    let which = match only {
        Some(_) => format!("session = $1 AND EXISTS (SELECT 1 FROM accounts WHERE session = $1 AND {is_wanted})"),
        // A session has at most three rows, so the latest rows have enough sessions. They come from the index, in its order.
        None => format!(
            "session IN (SELECT session FROM (
                 SELECT session, touched_at FROM accounts WHERE {is_wanted} ORDER BY touched_at DESC LIMIT 3 * $1) AS latest
             GROUP BY session ORDER BY MAX(touched_at) DESC, session LIMIT $1)"
        ),
    };
    let rows = query(AssertSqlSafe(format!(
        "SELECT {LEDGER}, session, route, touched_at FROM accounts WHERE {which}
         ORDER BY touched_at DESC, session, route"
    )));
    let rows = match only {
        Some(session) => rows.bind(session.to_string()),
        None => rows.bind(limit),
    };
    let rows = rows.fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let ledger = ledger(row)?;
            let route: Route = parsed(row, "route")?;
            let report = &ledger.report;
            let numbered = match ledger.closed {
                Some(closed) => closed.emitted,
                None => report.emitted.last().max(ledger.processed.last()).unwrap_or_default(),
            };
            let gaps = report.emitted.minus(&ledger.processed).minus(&report.rejected).minus(&report.shed);
            Ok(SessionView {
                session: parsed(row, "session")?,
                route,
                balance: ledger.balance(drained_at(route)),
                numbered,
                gaps,
                seen: only.is_some().then_some(ledger.processed),
                last_heard: Some(Timestamp::from_micros(row.try_get("touched_at")?)),
            })
        })
        .collect()
}

fn ledger(row: &AnyRow) -> Result<SessionLedger, StoreError> {
    let set = |column| parsed::<Intervals>(row, column);
    let count = |column| row.try_get(column).map(unsigned);
    let moment = |column| row.try_get(column).map(|micros: i64| (micros != 0).then(|| Timestamp::from_micros(micros)));
    let (duplicates, reordered) = (count("duplicates")?, count("reordered")?);
    let closed = Balance {
        emitted: count("emitted_count")?,
        processed: count("processed_count")?,
        rejected: count("rejected_count")?,
        shed: count("shed_count")?,
        duplicates,
        reordered,
        residual: row.try_get("residual")?,
        ..Balance::default()
    };
    Ok(SessionLedger {
        processed: set("processed")?,
        duplicates,
        reordered,
        processed_at: moment("processed_at")?,
        report: Report {
            emitted: set("emitted")?,
            accepted: set("accepted")?,
            rejected: set("rejected")?,
            shed: set("shed")?,
        },
        reported_at: moment("reported_at")?,
        closed: (count("closed")? > 0).then_some(closed),
        refused: count("refused")?,
        resumed: count("resumed")? > 0,
    })
}

pub(super) fn parsed<T>(row: &AnyRow, column: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| StoreError::Corrupt(error.to_string()))
}
