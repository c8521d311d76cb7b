//! Room in the store: past its bound, processed events give way before they expire. Where those are too few, new events are
//! refused.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::api::{DiskView, Kept};
use futures_util::TryStreamExt;
use runtime::clock;
use sqlx::{Any, Transaction};

use super::{Store, StoreError};

/// The most pages that are looked at, and deleted, at once. They have more bytes than any commit: more are deleted only after
/// the bound was lowered.
const MOST_PAGES: i64 = 20_000;
/// Past the bound, this part of it is freed at once, so that not every commit has to delete.
const SPARE: i64 = 64;
/// The shortest and the longest wait of a refused sender. The consumer may make room long before events expire.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];

/// The oldest pages, as far as they make enough room.
#[derive(Debug, Default)]
struct Oldest {
    /// The last position of the pages that are processed as a whole, and their bytes.
    processed: Option<(i64, i64)>,
    /// When so many pages have expired that there is room, in microseconds since the Unix epoch.
    room_at: Option<i64>,
}

impl Store {
    /// Deletes processed events until `wanted` bytes are free again, in the transaction that appends. The error is
    /// [`StoreError::Full`] where too few events are processed; the transaction must not be committed then.
    pub(super) async fn make_room(
        &self,
        transaction: &mut Transaction<'static, Any>,
        mut wanted: i64,
        acknowledged: i64,
    ) -> Result<(), StoreError> {
        while wanted > 0 {
            let Oldest { processed, room_at } = self.oldest(transaction, wanted, acknowledged).await?;
            let Some((last, freed)) = processed else { return Err(self.full(room_at)) };
            let delete = sqlx::query("DELETE FROM stored_pages WHERE last_position <= $1").bind(last);
            delete.execute(&mut **transaction).await?;
            let update = sqlx::query("UPDATE head SET bytes = bytes - $1").bind(freed);
            update.execute(&mut **transaction).await?;
            wanted -= freed;
        }
        Ok(())
    }

    fn full(&self, room_at: Option<i64>) -> StoreError {
        let wait = room_at.map_or(0, |at| at - clock::now().micros());
        let wait = Duration::from_micros(u64::try_from(wait).unwrap_or_default());
        if !self.is_full.swap(true, Ordering::Relaxed) {
            let bytes = self.most_bytes;
            tracing::warn!(bytes, "the store is full of events that the consumer has not processed");
        }
        StoreError::Full { after: wait.clamp(WAITS[0], WAITS[1]) }
    }

    async fn oldest(
        &self,
        transaction: &mut Transaction<'static, Any>,
        wanted: i64,
        acknowledged: i64,
    ) -> Result<Oldest, StoreError> {
        let (mut oldest, mut bytes) = (Oldest::default(), 0);
        let pages = sqlx::query_as::<_, (i64, i64, i64)>(
            "SELECT last_position, expires_at, OCTET_LENGTH(events) FROM stored_pages ORDER BY last_position LIMIT $1",
        );
        let mut pages = pages.bind(MOST_PAGES).fetch(&mut **transaction);
        while let Some((last, expires_at, size)) = pages.try_next().await? {
            bytes += size;
            if last <= acknowledged {
                oldest.processed = Some((last, bytes));
            }
            if bytes >= wanted {
                oldest.room_at.get_or_insert(expires_at);
                let has_spare = bytes >= wanted + self.most_bytes / SPARE;
                if has_spare || last > acknowledged {
                    break;
                }
            }
        }
        Ok(oldest)
    }

    /// Notes that events were appended.
    pub(super) fn had_room(&self) {
        if self.is_full.load(Ordering::Relaxed) && self.is_full.swap(false, Ordering::Relaxed) {
            tracing::info!("the store has room again");
        }
    }

    /// The bytes of all its events.
    pub(super) async fn bytes(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT bytes FROM head").fetch_one(&self.database.reader).await?)
    }

    /// How much it has, and its bounds.
    pub async fn disk(&self) -> Result<DiskView, StoreError> {
        let (size, bytes) = (self.database.size().await?, self.bytes().await?);
        let pages = sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) FROM stored_pages");
        let rows: i64 = pages.fetch_one(&self.database.reader).await?;
        let kept = Kept {
            what: "stored-pages".to_owned(),
            rows: rows.unsigned_abs(),
            bytes: bytes.unsigned_abs(),
            most_bytes: self.most_bytes.unsigned_abs(),
            ttl_seconds: self.ttl.as_secs(),
        };
        Ok(DiskView { database_bytes: size.bytes, free_bytes: size.free, kept: vec![kept] })
    }
}
