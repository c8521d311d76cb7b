//! How many stored pages a reader needs: found by their sizes, before their events are read.

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

/// The last of the pages that are needed for `most` events after a position, or for `most_bytes` bytes; none without a page.
///
/// `sizes` has the last and the first position of each page, and its bytes.
pub(super) async fn last(
    mut sizes: BoxStream<'_, sqlx::Result<(i64, i64, i64)>>,
    after: i64,
    most: i64,
    most_bytes: usize,
) -> sqlx::Result<Option<i64>> {
    let (mut found, mut count, mut bytes) = (None, 0, 0_usize);
    while count < most
        && bytes < most_bytes
        && let Some((last, first, size)) = sizes.try_next().await?
    {
        found = Some(last);
        count += last - after.max(first - 1);
        bytes = bytes.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
    }
    Ok(found)
}
