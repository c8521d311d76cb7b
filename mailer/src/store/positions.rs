//! The positions of the source in its partitions.

use std::collections::BTreeMap;

use runtime::kafka::positions::{Move, Partition};
use sqlx::{Any, AnyPool, Transaction};

/// The stored positions of these partitions.
pub(super) async fn load(pool: &AnyPool, of: &[Partition]) -> sqlx::Result<BTreeMap<Partition, i64>> {
    let mut stored = BTreeMap::new();
    for partition in of {
        let row = sqlx::query_scalar("SELECT next_position FROM positions WHERE source = $1");
        let position: Option<i64> = row.bind(partition.to_string()).fetch_optional(pool).await?;
        stored.extend(position.map(|position| (partition.clone(), position)));
    }
    Ok(stored)
}

/// Makes the moves. Returns the first partition whose position was not at its move's `from`.
pub(super) async fn advance(tx: &mut Transaction<'static, Any>, moves: &[Move]) -> sqlx::Result<Option<Partition>> {
    // In one order, so that two mailers never wait for each other in a circle.
    let moves: BTreeMap<&Partition, &Move> = moves.iter().map(|step| (&step.partition, step)).collect();
    for Move { partition, from, to, .. } in moves.into_values() {
        let moved = sqlx::query(
            "INSERT INTO positions (source, next_position) VALUES ($1, $2)
             ON CONFLICT (source) DO UPDATE SET next_position = excluded.next_position
             WHERE positions.next_position = $3",
        );
        let moved = moved.bind(partition.to_string()).bind(to).bind(from).execute(&mut **tx).await?;
        if moved.rows_affected() != 1 {
            return Ok(Some(partition.clone()));
        }
    }
    Ok(None)
}
