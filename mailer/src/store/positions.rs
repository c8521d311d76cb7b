//! Where the source goes on in each partition.

use std::collections::BTreeMap;

use runtime::kafka::positions::{Move, Partition};
use sqlx::{Any, Transaction};

use super::{Store, StoreError};

impl Store {
    /// The positions of these partitions, where there are any.
    pub async fn positions(&self, of: &[Partition]) -> Result<BTreeMap<Partition, i64>, StoreError> {
        let mut stored = BTreeMap::new();
        for partition in of {
            let row = sqlx::query_scalar("SELECT next_position FROM positions WHERE source = $1");
            let position: Option<i64> = row.bind(partition.to_string()).fetch_optional(&self.database.reader).await?;
            stored.extend(position.map(|position| (partition.clone(), position)));
        }
        Ok(stored)
    }
}

/// Makes the moves; fails if a position is not where its move begins.
pub(super) async fn advance(tx: &mut Transaction<'static, Any>, moves: &[Move]) -> Result<(), StoreError> {
    for Move { partition, from, to, .. } in moves {
        let moved = sqlx::query(
            "INSERT INTO positions (source, next_position) VALUES ($1, $2)
             ON CONFLICT (source) DO UPDATE SET next_position = excluded.next_position
             WHERE positions.next_position = $3",
        );
        let moved = moved.bind(partition.to_string()).bind(to).bind(from).execute(&mut **tx).await?;
        if moved.rows_affected() != 1 {
            return Err(StoreError::Moved(partition.clone()));
        }
    }
    Ok(())
}
