//! Retention: rows that are too old are pruned, and the oldest of those that take too many bytes.
//!
//! Rows go in short transactions with pauses between them, so that the work of the service goes on meanwhile.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use domain::api::{DiskView, Kept};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::database::Database;

/// How often a service measures and prunes.
const EVERY: Duration = Duration::from_secs(20);
/// The pause after each transaction.
const PAUSE: Duration = Duration::from_millis(20);
/// Younger rows stay although they take too many bytes: a sender may still repeat their events.
const YOUNGEST: Duration = Duration::from_secs(60 * 60);
/// About what a row takes beside its texts, with its places in the indexes.
const ROW_BYTES: u64 = 256;

/// How long rows are kept, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long.
    pub ttl: Duration,
    /// How many bytes they may take; the oldest give way.
    pub bytes: u64,
}

/// How much rows take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Their number.
    pub rows: u64,
    /// About their bytes.
    pub bytes: u64,
}

impl Size {
    /// Of rows with so many bytes of text.
    pub fn of(rows: i64, text_bytes: i64) -> Self {
        let [rows, text_bytes] = [rows, text_bytes].map(|count| u64::try_from(count).unwrap_or_default());
        Self { rows, bytes: text_bytes.saturating_add(rows.saturating_mul(ROW_BYTES)) }
    }

    const fn minus(self, other: Self) -> Self {
        Self { rows: self.rows.saturating_sub(other.rows), bytes: self.bytes.saturating_sub(other.bytes) }
    }
}

/// One kind of rows.
pub trait Prune: Send + Sync {
    /// Why the database could not be read or written.
    type Error: Error + Send + Sync + 'static;

    /// Their name.
    const WHAT: &'static str;

    /// How much all of them take.
    fn size(&self) -> impl Future<Output = Result<Size, Self::Error>> + Send;

    /// Prunes some of the oldest that are from before this moment, in one short transaction. Returns how much they took; no
    /// rows where there are none.
    fn prune(&self, before: Timestamp) -> impl Future<Output = Result<Size, Self::Error>> + Send;
}

/// Prunes rows that are too old or too many, and returns the size of the rest.
pub async fn prune<P: Prune>(rows: &P, retention: Retention, now: Timestamp) -> Result<Size, P::Error> {
    let ago = |time: Duration| now.plus_millis(-i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    let (old, old_enough) = (ago(retention.ttl), ago(YOUNGEST));
    let mut kept = rows.size().await?;
    loop {
        let before = if kept.bytes > retention.bytes { old.max(old_enough) } else { old };
        let pruned = rows.prune(before).await?;
        if pruned.rows == 0 {
            return Ok(kept);
        }
        metrics::counter!("ese_pruned_rows_total", "what" => P::WHAT).increment(pruned.rows);
        kept = kept.minus(pruned);
        sleep(PAUSE).await;
    }
}

/// The kinds of rows in a service's database, as they were measured last; the clones share them.
#[derive(Clone, Debug, Default)]
pub struct Measured(Arc<Mutex<Vec<Kept>>>);

impl Measured {
    /// Prunes one kind of rows, and notes the size of the rest. An error is logged; the next turn tries again.
    pub async fn prune<P: Prune>(&self, rows: &P, retention: Retention) {
        match prune(rows, retention, clock::now()).await {
            Ok(size) => self.note(P::WHAT, size, retention),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, what = P::WHAT, "old rows were not pruned; trying again");
            }
        }
    }

    fn note(&self, what: &'static str, Size { rows, bytes }: Size, retention: Retention) {
        metrics::gauge!("ese_kept_rows", "what" => what).set(rows as f64);
        metrics::gauge!("ese_kept_bytes", "what" => what).set(bytes as f64);
        let (most_bytes, ttl_seconds) = (retention.bytes, retention.ttl.as_secs());
        let measured = Kept { what: what.to_owned(), rows, bytes, most_bytes, ttl_seconds };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.iter_mut().find(|kept| kept.what == what) {
            Some(kept) => *kept = measured,
            None => all.push(measured),
        }
    }

    /// The database and what is in it.
    pub async fn view(&self, database: &Database) -> sqlx::Result<DiskView> {
        let size = database.size().await?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(DiskView { database_bytes: size.bytes, free_bytes: size.free, kept })
    }
}

/// Calls `turn` now and again until the service stops.
pub async fn run<F: Future<Output = ()>>(stop: CancellationToken, turn: impl Fn() -> F) -> anyhow::Result<()> {
    loop {
        let next = async {
            turn().await;
            sleep(EVERY).await;
        };
        if stop.run_until_cancelled(next).await.is_none() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Rows with the minute of each; pruned in pairs.
    struct Rows(Mutex<Vec<i64>>);

    impl Prune for Rows {
        type Error = Infallible;

        const WHAT: &'static str = "minutes";

        async fn size(&self) -> Result<Size, Infallible> {
            let rows = self.0.lock().unwrap().len() as i64;
            Ok(Size::of(rows, 744 * rows))
        }

        async fn prune(&self, before: Timestamp) -> Result<Size, Infallible> {
            let mut rows = self.0.lock().unwrap();
            let old = rows.iter().take_while(|minute| minute_of(**minute) < before).count().min(2);
            rows.drain(..old);
            Ok(Size::of(old as i64, 744 * old as i64))
        }
    }

    fn minute_of(minute: i64) -> Timestamp {
        Timestamp::from_millis(60_000 * minute)
    }

    /// The minutes that are left of 0 to 199, at the minute 200.
    async fn left(ttl_minutes: u64, rows: u64) -> Vec<i64> {
        let all = Rows(Mutex::new((0..200).collect()));
        let retention = Retention { ttl: Duration::from_secs(60 * ttl_minutes), bytes: 1000 * rows };
        let kept = prune(&all, retention, minute_of(200)).await.unwrap();
        let left = all.0.into_inner().unwrap();
        assert_eq!(kept, Size { rows: left.len() as u64, bytes: 1000 * left.len() as u64 });
        left
    }

    #[tokio::test(start_paused = true)]
    async fn the_old_ones_go_and_the_oldest_of_too_many_but_none_of_the_last_hour() {
        assert_eq!(left(150, 1000).await, (50..200).collect::<Vec<_>>(), "by their age");
        assert_eq!(left(300, 120).await, (80..200).collect::<Vec<_>>(), "by their bytes");
        assert_eq!(left(300, 10).await, (140..200).collect::<Vec<_>>(), "too many, and too young to go");
        assert_eq!(left(30, 10).await, (170..200).collect::<Vec<_>>(), "an age below an hour counts");
    }

    #[tokio::test]
    async fn what_was_measured_is_shown_with_its_bounds() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/new.db", directory.path().display());
        let database = crate::database::open(&url, &[]).await.unwrap();
        let measured = Measured::default();
        let retention = Retention { ttl: Duration::from_secs(3600 * 24 * 365 * 10), bytes: 1 << 20 };
        for rows in [3, 5] {
            let now = clock::now().millis() / 60_000;
            measured.prune(&Rows(Mutex::new(vec![now; rows])), retention).await;
        }
        let (what, ttl_seconds) = ("minutes".to_owned(), 315_360_000);
        let kept = Kept { what, rows: 5, bytes: 5000, most_bytes: 1 << 20, ttl_seconds };
        let view = measured.view(&database).await.unwrap();
        assert_eq!(view.kept, [kept]);
        assert!(view.database_bytes > 0 && view.free_bytes == Some(0), "{view:?}");
    }
}
