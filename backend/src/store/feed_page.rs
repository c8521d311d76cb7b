//! A page of the feed: the JSON of [`domain::api::Page`], written from the stored text.

use std::fmt::Write;

use futures_util::TryStreamExt;
use sqlx::Row;

use super::{Store, StoreError, needed};

/// The most events in one page.
pub const MOST_EVENTS: i64 = 1000;
/// The most bytes of events in one page, unless its first event alone has more.
const PAGE_BYTES: usize = 4 << 20;

/// A page for a reader.
#[derive(Debug)]
pub struct RawPage {
    /// How many events it has.
    pub(super) count: i64,
    /// The last position given out so far.
    pub(super) head: i64,
    expired: i64,
    /// Bytes of its events.
    bytes: usize,
    /// The beginning of its JSON, as far as the last event.
    json: String,
}

impl RawPage {
    fn new(head: i64, expired: i64) -> Self {
        Self { count: 0, head, expired, bytes: 0, json: r#"{"events":["#.to_owned() }
    }

    fn has_room(&self, event: &str) -> bool {
        self.count == 0 || self.bytes + event.len() <= PAGE_BYTES
    }

    fn push(&mut self, position: i64, event: &str) {
        let comma = if self.count == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(self.json, r#"{comma}{{"position":{position},"event":{event}}}"#);
        self.count += 1;
        self.bytes += event.len();
        self.head = self.head.max(position);
    }

    /// The page as JSON.
    pub fn into_json(mut self) -> String {
        // Writing to a String cannot fail.
        let _ = write!(self.json, r#"],"head":{},"expired":{}}}"#, self.head, self.expired);
        self.json
    }
}

impl Store {
    /// The events after a position that fit into one page.
    pub(super) async fn page(&self, mut after: i64, limit: i64) -> Result<RawPage, StoreError> {
        let mut reader = self.database.reader.acquire().await?;
        // The head is read before the events: an event that is committed in between is past it, and wakes a waiting reader.
        let (head, expired): (i64, i64) =
            sqlx::query_as("SELECT position, expired FROM head").fetch_one(&mut *reader).await?;
        self.committed(head);
        let mut page = RawPage::new(head, expired);
        // An empty page means that no event waits: where the pages expire between the two queries, later ones are read.
        while page.count == 0 && after < head {
            let sizes = sqlx::query_as(
                "SELECT last_position, first_position, OCTET_LENGTH(events) FROM stored_pages
                 WHERE last_position > $1 ORDER BY last_position LIMIT $2",
            );
            let sizes = sizes.bind(after).bind(limit).fetch(&mut *reader);
            let Some(through) = needed::last(sizes, after, limit, PAGE_BYTES).await? else { break };
            let mut rows = sqlx::query(
                "SELECT first_position, events FROM stored_pages
                 WHERE last_position > $1 AND last_position <= $2 ORDER BY last_position",
            )
            .bind(after)
            .bind(through)
            .fetch(&mut *reader);
            while let Some(row) = rows.try_next().await? {
                let (first, events): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
                let events = (first..).zip(events.split('\n'));
                for (position, event) in events.skip_while(|(position, _)| *position <= after) {
                    if page.count == limit || !page.has_room(event) {
                        return Ok(page);
                    }
                    page.push(position, event);
                }
            }
            after = through;
        }
        Ok(page)
    }
}
