//! The positions of the sources. A move is a compare-and-set, so that two consumers cannot both process a batch.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ByRoute, Route};
use sqlx::{AnyPool, Row};

use super::statement::Statement;
use super::{StoreError, Tx, signed, unsigned};

/// A move of a source's position, in the same transaction as the effects of the events between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// `http-poll`, or `topic/partition`.
    pub source: String,
    /// The position before the batch.
    pub from: i64,
    /// The position after the batch.
    pub to: i64,
}

/// The position of a source, if it has one.
pub async fn load(pool: &AnyPool, source: &str) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT next_position FROM positions WHERE source = $1")
        .bind(source)
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|(position,)| position))
}

/// Makes the moves, each of another source. Returns the first whose position was not at its `from`: another consumer has
/// moved it.
pub async fn advance<'a>(tx: &mut Tx, moves: &'a [Move]) -> Result<Option<&'a Move>, StoreError> {
    if moves.is_empty() {
        return Ok(None);
    }
    // In one order, so that two steps never deadlock.
    let moves_by_source: BTreeMap<&str, &Move> = moves.iter().map(|step| (step.source.as_str(), step)).collect();
    let row = |source: &str, position: i64| [source.into(), position.into()];
    let moved = Statement::new(tx, "INSERT INTO positions (source, next_position)")
        .rows(moves_by_source.values().map(|step| row(&step.source, step.to)))
        .sql("ON CONFLICT (source) DO UPDATE SET next_position = excluded.next_position")
        .sql("WHERE (positions.source, positions.next_position) IN (")
        .rows(moves_by_source.values().map(|step| row(&step.source, step.from)))
        .sql(") RETURNING source")
        .run(tx)
        .await?;
    let moved = moved.iter().map(|row| row.try_get("source")).collect::<sqlx::Result<BTreeSet<&str>>>()?;
    Ok(moves.iter().find(|step| !moved.contains(step.source.as_str())))
}

/// Counts unnumbered events.
pub async fn count_unnumbered(tx: &mut Tx, route: Route, events: u64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO unnumbered (route, processed) VALUES ($1, $2)
         ON CONFLICT (route) DO UPDATE SET processed = unnumbered.processed + excluded.processed",
    )
    .bind(route.name())
    .bind(signed(events))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many unnumbered events were processed.
pub async fn unnumbered(pool: &AnyPool) -> Result<ByRoute<u64>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT route, processed FROM unnumbered").fetch_all(pool).await?;
    Ok(rows.into_iter().filter_map(|(route, events)| Some((route.parse().ok()?, unsigned(events)))).collect())
}
