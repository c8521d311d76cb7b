//! Accounts of sessions, and the sums over them.

use domain::api::SessionView;
use domain::ledger::{Account, Balance, Report};
use domain::{ByRoute, Intervals, Route, SessionId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use super::{StoreError, Tx, signed, unsigned};

/// Locks the account until the transaction ends, making it if it is not there.
pub async fn lock(tx: &mut Tx, session: SessionId, route: Route, now: Timestamp) -> Result<Account, StoreError> {
    let row = sqlx::query(
        "INSERT INTO accounts (session, route, touched_at) VALUES ($1, $2, $3)
         ON CONFLICT (session, route) DO UPDATE SET touched_at = excluded.touched_at
         RETURNING processed, duplicates, reordered, processed_at, emitted, accepted, rejected, shed, reported_at",
    )
    .bind(session.to_string())
    .bind(route.name())
    .bind(now.micros())
    .fetch_one(&mut **tx)
    .await?;
    account(&row)
}

/// Writes a locked account back, with the counts that sums are made of.
pub async fn save(tx: &mut Tx, session: SessionId, route: Route, account: &Account) -> Result<(), StoreError> {
    // With the route never seen empty nothing is lost yet; with it always empty all that is missing is.
    let (open, closed) = (account.balance(Timestamp::MIN), account.balance(Timestamp::MAX));
    sqlx::query(
        "UPDATE accounts SET processed = $3, duplicates = $4, reordered = $5, processed_at = $6,
         emitted = $7, accepted = $8, rejected = $9, shed = $10, reported_at = $11,
         emitted_count = $12, processed_count = $13, rejected_count = $14, shed_count = $15,
         in_flight_count = $16, missing_count = $17, residual = $18
         WHERE session = $1 AND route = $2",
    )
    .bind(session.to_string())
    .bind(route.name())
    .bind(account.processed.to_string())
    .bind(signed(account.duplicates))
    .bind(signed(account.reordered))
    .bind(account.processed_at.map_or(0, Timestamp::micros))
    .bind(account.report.emitted.to_string())
    .bind(account.report.accepted.to_string())
    .bind(account.report.rejected.to_string())
    .bind(account.report.shed.to_string())
    .bind(account.reported_at.map_or(0, Timestamp::micros))
    .bind(signed(open.emitted))
    .bind(signed(open.processed))
    .bind(signed(open.rejected))
    .bind(signed(open.shed))
    .bind(signed(open.in_flight))
    .bind(signed(closed.lost))
    .bind(open.residual)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The sum over all sessions, for each route, knowing when each was last seen empty.
pub async fn sums(pool: &AnyPool, drained_at: impl Fn(Route) -> Timestamp) -> Result<ByRoute<Balance>, StoreError> {
    let mut sums = ByRoute::new();
    for route in Route::ALL {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(emitted_count), 0) AS BIGINT), CAST(COALESCE(SUM(processed_count), 0) AS BIGINT),
             CAST(COALESCE(SUM(rejected_count), 0) AS BIGINT), CAST(COALESCE(SUM(shed_count), 0) AS BIGINT),
             CAST(COALESCE(SUM(in_flight_count), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN reported_at < $2 THEN missing_count ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(duplicates), 0) AS BIGINT), CAST(COALESCE(SUM(reordered), 0) AS BIGINT),
             CAST(COALESCE(SUM(residual), 0) AS BIGINT)
             FROM accounts WHERE route = $1",
        )
        .bind(route.name())
        .bind(drained_at(route).micros())
        .fetch_one(pool)
        .await?;
        let count = |column: usize| row.try_get::<i64, _>(column).map(unsigned);
        let lost = count(5)?;
        let balance = Balance {
            emitted: count(0)?,
            processed: count(1)?,
            rejected: count(2)?,
            shed: count(3)?,
            in_flight: count(4)?.saturating_sub(lost),
            lost,
            duplicates: count(6)?,
            reordered: count(7)?,
            residual: row.try_get(8)?,
        };
        sums.insert(route, balance);
    }
    Ok(sums)
}

/// The accounts touched last, or all of one session.
pub async fn sessions(
    pool: &AnyPool,
    only: Option<SessionId>,
    limit: i64,
    drained_at: impl Fn(Route) -> Timestamp,
) -> Result<Vec<SessionView>, StoreError> {
    let rows = sqlx::query(
        "SELECT processed, duplicates, reordered, processed_at, emitted, accepted, rejected, shed, reported_at,
         session, route, touched_at FROM accounts WHERE $1 = '' OR session = $1
         ORDER BY touched_at DESC, session, route LIMIT $2",
    )
    .bind(only.map(|session| session.to_string()).unwrap_or_default())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let account = account(row)?;
            let route: Route = parsed(row, "route")?;
            let report = &account.report;
            let gaps = report.emitted.minus(&account.processed).minus(&report.rejected).minus(&report.shed);
            Ok(SessionView {
                session: parsed(row, "session")?,
                route,
                balance: account.balance(drained_at(route)),
                gaps,
                seen: only.is_some().then_some(account.processed),
                last_heard: Some(Timestamp::from_micros(row.try_get("touched_at")?)),
            })
        })
        .collect()
}

fn account(row: &AnyRow) -> Result<Account, StoreError> {
    let set = |column| parsed::<Intervals>(row, column);
    let moment = |column| row.try_get(column).map(|micros: i64| (micros != 0).then(|| Timestamp::from_micros(micros)));
    Ok(Account {
        processed: set("processed")?,
        duplicates: unsigned(row.try_get("duplicates")?),
        reordered: unsigned(row.try_get("reordered")?),
        processed_at: moment("processed_at")?,
        report: Report {
            emitted: set("emitted")?,
            accepted: set("accepted")?,
            rejected: set("rejected")?,
            shed: set("shed")?,
        },
        reported_at: moment("reported_at")?,
    })
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| StoreError::Corrupt(error.to_string()))
}
