//! Ledgers of sessions that are silent for long; their sums stay (table `pruned_accounts`).

use std::collections::{BTreeMap, BTreeSet};

use domain::{ByRoute, Route, Timestamp};
use runtime::database::Database;
use runtime::retention::{Prune, Size};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::super::ledger::{Key, parsed};
use super::super::statement::{self, Value};
use super::super::{StoreError, Tx};

/// The most ledgers of one transaction.
const AT_ONCE: i64 = 200;

/// The counts that are added up.
const COUNTS: [&str; 10] = [
    "emitted_count",
    "processed_count",
    "rejected_count",
    "shed_count",
    "in_flight_count",
    "missing_count",
    "duplicates",
    "reordered",
    "refused",
    "residual",
];

/// The bytes of a ledger's sets.
const BYTES: &str = "OCTET_LENGTH(processed) + OCTET_LENGTH(emitted) + OCTET_LENGTH(accepted) + OCTET_LENGTH(rejected)
     + OCTET_LENGTH(shed)";

/// The ledgers of a database.
#[derive(Clone, Debug)]
pub struct Ledgers {
    /// The database.
    pub database: Database,
    /// When each route was last seen empty. A ledger stays until then: events on the way will come into it.
    pub drained_at: ByRoute<Timestamp>,
}

/// The ledgers of one route that are pruned together.
#[derive(Default)]
struct Sum {
    ledgers: i64,
    reported_at: i64,
    counts: [i64; COUNTS.len()],
}

impl Prune for Ledgers {
    type Error = StoreError;

    const WHAT: &'static str = "ledgers";

    async fn size(&self) -> Result<Size, StoreError> {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM({BYTES}), 0) AS BIGINT) FROM accounts");
        let size = sqlx::query_as(AssertSqlSafe(sql));
        let (rows, bytes): (i64, i64) = size.fetch_one(&self.database.reader).await?;
        Ok(Size::of(rows, bytes))
    }

    async fn prune(&self, before: Timestamp) -> Result<Size, StoreError> {
        let limit = |route| self.drained_at.get(route).copied().unwrap_or(Timestamp::MIN).min(before).micros();
        let oldest = sqlx::query(
            "SELECT session, route, touched_at FROM accounts
             WHERE touched_at < CASE route WHEN 'http-push' THEN $1 WHEN 'http-poll' THEN $2 ELSE $3 END
             ORDER BY touched_at LIMIT $4",
        );
        let oldest = Route::ALL.into_iter().fold(oldest, |oldest, route| oldest.bind(limit(route)));
        let oldest = oldest.bind(AT_ONCE).fetch_all(&self.database.reader).await?;
        let Some(last) = oldest.last() else { return Ok(Size::default()) };
        self.announce(last.try_get("route")?, last.try_get("touched_at")?).await?;

        let keys = oldest.iter().map(|row| Ok((parsed(row, "session")?, parsed(row, "route")?)));
        let keys = keys.collect::<Result<BTreeSet<Key>, StoreError>>()?;
        let mut tx = self.database.begin().await?;
        let (mut sums, mut silent, mut bytes) = (BTreeMap::<Route, Sum>::new(), Vec::new(), 0);
        for row in lock(&mut tx, keys).await? {
            let key: Key = (parsed(&row, "session")?, parsed(&row, "route")?);
            let touched_at: i64 = row.try_get("touched_at")?;
            // A step may have used it meanwhile.
            if touched_at < limit(key.1) {
                silent.push(place(key));
                // One that another consumer has pruned meanwhile is here again, without counts.
                if touched_at > 0 {
                    sums.entry(key.1).or_default().add(&row)?;
                    bytes += row.try_get::<i64, _>("bytes")?;
                }
            }
        }
        let count: i64 = sums.values().map(|sum| sum.ledgers).sum();
        statement::over(&mut tx, "DELETE FROM accounts WHERE (session, route) IN (", silent, ")").await?;
        add(&mut tx, sums).await?;
        tx.commit().await?;
        Ok(Size::of(count, bytes))
    }
}

impl Ledgers {
    /// Writes down that ledgers up to this moment are pruned, before they are. So a session that comes back in between gets a
    /// ledger that is marked as resumed.
    async fn announce(&self, route: &str, until: i64) -> Result<(), StoreError> {
        let announce = sqlx::query(
            "INSERT INTO pruned_accounts (route, pruned_until) VALUES ($1, $2)
             ON CONFLICT (route) DO UPDATE SET pruned_until = excluded.pruned_until
             WHERE pruned_accounts.pruned_until < excluded.pruned_until",
        );
        announce.bind(route).bind(until).execute(&self.database.writer).await?;
        Ok(())
    }
}

fn place((session, route): Key) -> [Value; 2] {
    [session.to_string().into(), route.name().into()]
}

/// Locks the ledgers in the order of the steps. One that has gone is made again, as if it were from 1970.
async fn lock(tx: &mut Tx, keys: BTreeSet<Key>) -> sqlx::Result<Vec<AnyRow>> {
    let rows = keys.into_iter().map(|key| {
        let [session, route] = place(key);
        [session, route, 0_i64.into()]
    });
    let counts = COUNTS.join(", ");
    let touch = format!(
        "ON CONFLICT (session, route) DO UPDATE SET touched_at = accounts.touched_at
         RETURNING session, route, touched_at, reported_at, {counts}, {BYTES} AS bytes"
    );
    statement::over(tx, "INSERT INTO accounts (session, route, touched_at)", rows.collect(), &touch).await
}

impl Sum {
    fn add(&mut self, row: &AnyRow) -> sqlx::Result<()> {
        self.ledgers += 1;
        self.reported_at = self.reported_at.max(row.try_get("reported_at")?);
        for (sum, name) in self.counts.iter_mut().zip(COUNTS) {
            *sum = sum.saturating_add(row.try_get(name)?);
        }
        Ok(())
    }
}

/// Adds the sums to those of the ledgers that were pruned before.
async fn add(tx: &mut Tx, sums: BTreeMap<Route, Sum>) -> sqlx::Result<()> {
    let rows = sums.into_iter().map(|(route, Sum { ledgers, reported_at, counts })| {
        let mut numbers = [ledgers, reported_at].into_iter().chain(counts);
        let value = |place| match place {
            0 => route.name().into(),
            _ => numbers.next().unwrap_or_default().into(),
        };
        std::array::from_fn::<Value, { COUNTS.len() + 3 }, _>(value)
    });
    let grown = ["ledgers"].iter().chain(&COUNTS);
    let grown: Vec<String> = grown.map(|name| format!("{name} = pruned_accounts.{name} + excluded.{name}")).collect();
    let update = format!(
        "ON CONFLICT (route) DO UPDATE SET {}, reported_at = CASE
         WHEN pruned_accounts.reported_at < excluded.reported_at THEN excluded.reported_at
         ELSE pruned_accounts.reported_at END",
        grown.join(", ")
    );
    let insert = format!("INSERT INTO pruned_accounts (route, ledgers, reported_at, {})", COUNTS.join(", "));
    statement::over(tx, &insert, rows.collect(), &update).await?;
    Ok(())
}
