//! Old mails that were sent or given up; those that wait stay.

use domain::Timestamp;
use runtime::retention::{Prune, Size};

use super::{Store, StoreError};

/// The most mails of one transaction.
const AT_ONCE: i64 = 500;

impl Prune for Store {
    type Error = StoreError;

    const WHAT: &'static str = "mails";

    async fn size(&self) -> Result<Size, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(OCTET_LENGTH(request) + OCTET_LENGTH(recipient)
                   + OCTET_LENGTH(subject) + OCTET_LENGTH(error)), 0) AS BIGINT) FROM mails";
        let (rows, bytes): (i64, i64) = sqlx::query_as(sql).fetch_one(&self.database.reader).await?;
        Ok(Size::of(rows, bytes))
    }

    async fn prune(&self, before: Timestamp) -> Result<Size, StoreError> {
        let delete = sqlx::query_scalar::<_, i64>(
            "DELETE FROM mails WHERE id IN (
                 SELECT id FROM mails WHERE state IN ('sent', 'failed') AND changed_at < $1
                 ORDER BY changed_at LIMIT $2)
             RETURNING OCTET_LENGTH(request) + OCTET_LENGTH(recipient) + OCTET_LENGTH(subject) + OCTET_LENGTH(error)",
        );
        let deleted = delete.bind(before.micros()).bind(AT_ONCE).fetch_all(&self.database.writer).await?;
        Ok(Size::of(deleted.len() as i64, deleted.into_iter().sum()))
    }
}
