//! What the use cases remember.

use domain::Route;
use serde_json::Value;

use super::{StoreError, Tx};

/// Locks the state of `key` until the transaction ends; null if there is none yet.
pub async fn lock(tx: &mut Tx, use_case: &str, route: Route, key: &str) -> Result<Value, StoreError> {
    let (state,): (String,) = sqlx::query_as(
        "INSERT INTO rule_states (use_case, route, rule_key, state) VALUES ($1, $2, $3, 'null')
         ON CONFLICT (use_case, route, rule_key) DO UPDATE SET state = rule_states.state
         RETURNING state",
    )
    .bind(use_case)
    .bind(route.name())
    .bind(key)
    .fetch_one(&mut **tx)
    .await?;
    Ok(serde_json::from_str(&state)?)
}

/// Writes a locked state back.
pub async fn save(tx: &mut Tx, use_case: &str, route: Route, key: &str, state: &Value) -> Result<(), StoreError> {
    sqlx::query("UPDATE rule_states SET state = $4 WHERE use_case = $1 AND route = $2 AND rule_key = $3")
        .bind(use_case)
        .bind(route.name())
        .bind(key)
        .bind(state.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
