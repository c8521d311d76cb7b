//! The latest events that have not expired, for readers without a cursor.

use domain::Event;
use futures_util::TryStreamExt;
use runtime::clock;

use super::{Store, StoreError};

impl Store {
    /// The latest events that have not expired, oldest first: at most `most`, and at most `bytes` bytes of them.
    pub async fn latest(&self, most: i64, bytes: usize) -> Result<Vec<Event>, StoreError> {
        let mut rows = sqlx::query_as::<_, (String,)>(
            "SELECT event FROM stored_events WHERE expires_at >= $1 ORDER BY position DESC LIMIT $2",
        )
        .bind(clock::now().micros())
        .bind(most)
        .fetch(&self.database.reader);
        let (mut events, mut size): (Vec<Event>, usize) = Default::default();
        while let Some((event,)) = rows.try_next().await? {
            size = size.saturating_add(event.len());
            if size > bytes {
                break;
            }
            events.push(serde_json::from_str(&event)?);
        }
        events.reverse();
        Ok(events)
    }
}
