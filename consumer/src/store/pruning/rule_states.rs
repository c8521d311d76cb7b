//! Memories that no use case has used for long. Those that are due stay.

use std::collections::BTreeSet;

use domain::Timestamp;
use runtime::database::Database;
use runtime::retention::{Prune, Size};
use sqlx::Row;

use super::super::StoreError;
use super::super::statement::{self, Value};

/// The most memories of one transaction.
const AT_ONCE: i64 = 500;

/// The memories of the use cases in a database.
#[derive(Clone, Debug)]
pub struct RuleStates(pub Database);

impl Prune for RuleStates {
    type Error = StoreError;

    const WHAT: &'static str = "rule-states";

    async fn size(&self) -> Result<Size, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT),
                   CAST(COALESCE(SUM(OCTET_LENGTH(state) + 2 * OCTET_LENGTH(rule_key)), 0) AS BIGINT) FROM rule_states";
        let (rows, bytes): (i64, i64) = sqlx::query_as(sql).fetch_one(&self.0.reader).await?;
        Ok(Size::of(rows, bytes))
    }

    async fn prune(&self, before: Timestamp) -> Result<Size, StoreError> {
        let oldest = sqlx::query_as::<_, (String, String, String)>(
            "SELECT route, use_case, rule_key FROM rule_states WHERE due_at = 0 AND touched_at < $1
             ORDER BY touched_at LIMIT $2",
        );
        let oldest = oldest.bind(before.micros()).bind(AT_ONCE).fetch_all(&self.0.reader).await?;
        let Some((route, ..)) = oldest.first().cloned() else { return Ok(Size::default()) };
        // A step has one route, and locks its memories by use case and key.
        let keys: BTreeSet<(String, String)> =
            oldest.into_iter().filter(|(of, ..)| *of == route).map(|(_, use_case, key)| (use_case, key)).collect();
        let place =
            |use_case: String, key: String| -> [Value; 3] { [use_case.into(), route.as_str().into(), key.into()] };

        let mut tx = self.0.begin().await?;
        let lock = "INSERT INTO rule_states (use_case, route, rule_key, state)";
        let rows = keys.into_iter().map(|(use_case, key)| {
            let [use_case, route, key] = place(use_case, key);
            [use_case, route, key, "null".into()]
        });
        let touch = "ON CONFLICT (use_case, route, rule_key) DO UPDATE SET state = rule_states.state
             RETURNING use_case, rule_key, due_at, touched_at,
             OCTET_LENGTH(state) + 2 * OCTET_LENGTH(rule_key) AS bytes";
        let locked = statement::over(&mut tx, lock, rows.collect(), touch).await?;
        let (mut unused, mut bytes) = (Vec::new(), 0);
        for row in &locked {
            // A step may have used it meanwhile. One that has gone meanwhile is here again, as if it were from 1970.
            let (due_at, touched_at): (i64, i64) = (row.try_get("due_at")?, row.try_get("touched_at")?);
            if due_at == 0 && touched_at < before.micros() {
                unused.push(place(row.try_get("use_case")?, row.try_get("rule_key")?));
                bytes += row.try_get::<i64, _>("bytes")?;
            }
        }
        let count = unused.len() as i64;
        let delete = "DELETE FROM rule_states WHERE (use_case, route, rule_key) IN (";
        statement::over(&mut tx, delete, unused, ")").await?;
        tx.commit().await?;
        Ok(Size::of(count, bytes))
    }
}
