//! Old alerts; their number stays (table `pruned_alerts`).

use std::collections::BTreeMap;

use domain::Timestamp;
use runtime::database::Database;
use runtime::retention::{Prune, Size};

use super::super::{StoreError, statement};

/// The most alerts of one transaction.
const AT_ONCE: i64 = 500;

/// The alerts of a database.
#[derive(Clone, Debug)]
pub struct Alerts(pub Database);

impl Prune for Alerts {
    type Error = StoreError;

    const WHAT: &'static str = "alerts";

    async fn size(&self) -> Result<Size, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(OCTET_LENGTH(alert)), 0) AS BIGINT) FROM alerts";
        let (rows, bytes): (i64, i64) = sqlx::query_as(sql).fetch_one(&self.0.reader).await?;
        Ok(Size::of(rows, bytes))
    }

    async fn prune(&self, before: Timestamp) -> Result<Size, StoreError> {
        let mut tx = self.0.begin().await?;
        let delete = sqlx::query_as::<_, (String, String, i64)>(
            "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE detected_at < $1 ORDER BY detected_at LIMIT $2)
             RETURNING use_case, route, OCTET_LENGTH(alert)",
        );
        let deleted = delete.bind(before.micros()).bind(AT_ONCE).fetch_all(&mut *tx).await?;
        let (mut counts, mut bytes) = (BTreeMap::<(String, String), i64>::new(), 0);
        let rows = deleted.len() as i64;
        for (use_case, route, size) in deleted {
            *counts.entry((use_case, route)).or_default() += 1;
            bytes += size;
        }
        let row = |((use_case, route), alerts): ((String, String), i64)| [use_case.into(), route.into(), alerts.into()];
        let insert = "INSERT INTO pruned_alerts (use_case, route, alerts)";
        let add = "ON CONFLICT (use_case, route) DO UPDATE SET alerts = pruned_alerts.alerts + excluded.alerts";
        statement::over(&mut tx, insert, counts.into_iter().map(row).collect(), add).await?;
        tx.commit().await?;
        Ok(Size::of(rows, bytes))
    }
}
