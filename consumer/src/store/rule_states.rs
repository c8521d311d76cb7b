//! What the use cases remember, and when they want to be asked about it.

use domain::rules::Memory;
use domain::{Route, Timestamp};
use sqlx::AnyPool;

use super::{StoreError, Tx};

/// Locks what is remembered of `key` until the transaction ends; nothing if there is nothing yet.
pub async fn lock(tx: &mut Tx, use_case: &str, route: Route, key: &str) -> Result<Memory, StoreError> {
    let (state, due): (String, i64) = sqlx::query_as(
        "INSERT INTO rule_states (use_case, route, rule_key, state) VALUES ($1, $2, $3, 'null')
         ON CONFLICT (use_case, route, rule_key) DO UPDATE SET state = rule_states.state
         RETURNING state, due_at",
    )
    .bind(use_case)
    .bind(route.name())
    .bind(key)
    .fetch_one(&mut **tx)
    .await?;
    let due = (due != 0).then(|| Timestamp::from_micros(due));
    Ok(Memory { state: serde_json::from_str(&state)?, due })
}

/// Writes what was locked back; what is forgotten takes no room.
pub async fn save(tx: &mut Tx, use_case: &str, route: Route, key: &str, memory: &Memory) -> Result<(), StoreError> {
    let forgotten = *memory == Memory::default();
    let sql = match forgotten {
        true => "DELETE FROM rule_states WHERE use_case = $1 AND route = $2 AND rule_key = $3",
        false => "UPDATE rule_states SET state = $4, due_at = $5 WHERE use_case = $1 AND route = $2 AND rule_key = $3",
    };
    let mut query = sqlx::query(sql).bind(use_case).bind(route.name()).bind(key);
    if !forgotten {
        query = query.bind(memory.state.to_string()).bind(memory.due.map_or(0, Timestamp::micros));
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Use cases and keys that want to be asked by `until`, those that wait longest first.
pub async fn due(
    pool: &AnyPool,
    route: Route,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query_as(
        "SELECT use_case, rule_key FROM rule_states WHERE route = $1 AND due_at > 0 AND due_at <= $2
         ORDER BY due_at LIMIT $3",
    );
    Ok(rows.bind(route.name()).bind(until.micros()).bind(limit).fetch_all(pool).await?)
}
