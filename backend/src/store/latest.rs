//! The latest events that have not expired, for readers without a cursor.

use domain::Event;
use futures_util::TryStreamExt;
use runtime::clock;
use sqlx::Row;

use super::{Store, StoreError, needed};

impl Store {
    /// The latest events that have not expired, oldest first: at most `most`, and at most `bytes` bytes of them.
    pub async fn latest(&self, most: i64, bytes: usize) -> Result<Vec<Event>, StoreError> {
        let now = clock::now().micros();
        let mut reader = self.database.reader.acquire().await?;
        let sizes = sqlx::query_as(
            "SELECT last_position, first_position, OCTET_LENGTH(events) FROM stored_pages
             WHERE expires_at >= $1 ORDER BY last_position DESC LIMIT $2",
        );
        let sizes = sizes.bind(now).bind(most).fetch(&mut *reader);
        let Some(oldest) = needed::last(sizes, 0, most, bytes).await? else { return Ok(Vec::new()) };
        let mut rows = sqlx::query(
            "SELECT events FROM stored_pages WHERE expires_at >= $1 AND last_position >= $2 ORDER BY last_position DESC",
        )
        .bind(now)
        .bind(oldest)
        .fetch(&mut *reader);
        let (mut events, mut left, mut size) = (Vec::new(), most, 0);
        'rows: while let Some(row) = rows.try_next().await? {
            for event in row.try_get::<&str, _>(0)?.rsplit('\n') {
                size += event.len();
                if left == 0 || size > bytes {
                    break 'rows;
                }
                events.push(serde_json::from_str(event)?);
                left -= 1;
            }
        }
        events.reverse();
        Ok(events)
    }
}
